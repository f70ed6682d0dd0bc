"""The connection to a syslog receiver: what counts as taken, and why something is not."""

import socket
import ssl
from pathlib import Path

import pytest

from audit.forwarding import errors, line
from audit.forwarding.receiver import Receiver
from tests.audit.syslog_receivers import FakeReceiver, make_tls, receiving, reset

DATA = b"5 hello"


def plain(port: int) -> Receiver:
    return Receiver("127.0.0.1", port, tls=False)


def leave(receiver: FakeReceiver, connection: socket.socket) -> None:
    """As one that ends before it has read anything."""
    reset(connection)


def end_early(receiver: FakeReceiver, connection: socket.socket) -> None:
    """As one that is about to stop, whatever it still reads."""
    connection.shutdown(socket.SHUT_WR)
    receiver.read_all(connection)


def answer(receiver: FakeReceiver, connection: socket.socket) -> None:
    """As a web server does."""
    connection.recv(10)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.recv(10)


def drop(receiver: FakeReceiver, connection: socket.socket) -> None:
    """As a process that ends its connection without the end that TLS has."""
    while connection.recv(65536):
        pass
    socket.socket.shutdown(connection, socket.SHUT_RDWR)


def test_what_was_sent_is_what_arrives() -> None:
    with receiving() as receiver:
        line.send(plain(receiver.port), DATA * 100_000)

    assert receiver.taken == [DATA * 100_000]


def test_tls_is_spoken_with_the_pasted_certificate(tmp_path: Path) -> None:
    tls, certificate = make_tls(tmp_path)

    with receiving(tls=tls) as receiver:
        line.send(Receiver("localhost", receiver.port, certificate=certificate), DATA * 100_000)

    assert receiver.taken == [DATA * 100_000]


def test_old_tls_is_not_spoken(tmp_path: Path) -> None:
    _, certificate = make_tls(tmp_path)
    context = Receiver("localhost", 1, certificate=certificate).trust()

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.check_hostname


def test_whoever_does_not_listen_to_the_end_has_taken_nothing() -> None:
    with receiving(leave) as receiver, pytest.raises(errors.ReceiverLeft):
        line.send(plain(receiver.port), DATA * 1_000_000)


def test_end_that_comes_before_ours_says_nothing_of_what_was_read() -> None:
    with receiving(end_early) as receiver, pytest.raises(errors.ReceiverLeft):
        line.send(plain(receiver.port), DATA * 2_000_000)


def test_whoever_answers_is_no_syslog_receiver() -> None:
    with receiving(answer) as receiver, pytest.raises(errors.ReceiverAnswered):
        line.send(plain(receiver.port), b"5 helloworld")


def test_end_that_anybody_could_pretend_is_told_apart(tmp_path: Path) -> None:
    """RFC 5425 4.4, and what rsyslog makes of it."""
    tls, certificate = make_tls(tmp_path)

    with receiving(tls=tls) as good:
        place = Receiver("localhost", good.port, certificate=certificate)
        assert line.send(place, DATA, demand_sealed=True)
    with receiving(drop, tls=tls) as bad:
        place = Receiver("localhost", bad.port, certificate=certificate)
        assert not line.send(place, DATA)
        with pytest.raises(errors.ReceiverSilent):
            line.send(place, DATA, demand_sealed=True)


def test_whoever_leaves_tls_with_something_unread_has_not_taken_it(tmp_path: Path) -> None:
    tls, certificate = make_tls(tmp_path)

    with receiving(leave, tls=tls) as receiver:
        place = Receiver("localhost", receiver.port, certificate=certificate)
        with pytest.raises(errors.ReceiverFailed):
            line.send(place, DATA * 1_000_000)


def test_unknown_name_is_told() -> None:
    with pytest.raises(errors.ReceiverNameUnknown):
        line.send(Receiver("nowhere.invalid", 514, tls=False), DATA)


def test_closed_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(errors.ReceiverRefused):
        line.send(plain(port), DATA)


def test_certificate_of_a_stranger_is_told(tmp_path: Path) -> None:
    tls, _ = make_tls(tmp_path)

    with receiving(tls=tls) as receiver, pytest.raises(errors.ReceiverNotTrusted):
        line.send(Receiver("localhost", receiver.port), DATA)

    assert receiver.taken == []


def test_certificate_for_another_name_is_told(tmp_path: Path) -> None:
    tls, certificate = make_tls(tmp_path)

    other = receiving(tls=tls, address="127.0.0.2")

    with other as receiver, pytest.raises(errors.ReceiverOfAnotherName):
        line.send(Receiver("127.0.0.2", receiver.port, certificate=certificate), DATA)


def test_receiver_without_tls_is_told(tmp_path: Path) -> None:
    with receiving(answer) as receiver, pytest.raises(errors.ReceiverWithoutTls):
        line.send(Receiver("127.0.0.1", receiver.port), DATA)


def test_plain_text_to_one_that_speaks_tls_is_not_taken(tmp_path: Path) -> None:
    tls, _ = make_tls(tmp_path)

    with receiving(tls=tls) as receiver, pytest.raises(errors.ReceiverFailed):
        line.send(plain(receiver.port), DATA)


def test_silence_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "EXCHANGE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(errors.ReceiverSilent):
            line.send(plain(server.getsockname()[1]), DATA)
        with pytest.raises(errors.ReceiverTimeout):
            line.send(plain(server.getsockname()[1]), DATA * 10_000_000)
