"""The connection to a syslog receiver.

Syslog has no acknowledgement. So each batch has a connection of its own, which the receiver has to
end after ours ended: it does so when it has read everything. Over TLS that end should be
authenticated (close_notify, RFC 5425 4.4), so that nobody between can pretend it; rsyslog with
GnuTLS ends the connection without. So it is demanded of whoever has given it before.
"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from audit.forwarding import errors
from audit.forwarding.receiver import Receiver

CONNECT = 3.0
EXCHANGE = 10.0
"""Seconds for everything behind the connection: a receiver that is slower is as good as away."""
WRONG_NAMES = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""


def send(receiver: Receiver, data: bytes, *, demand_sealed: bool = False) -> bool:
    """Return when the receiver has read all of it, and whether its end was sealed (authenticated).

    Raises ``ReceiverFailed``; with ``demand_sealed`` also where it is not.
    """
    with _told_apart(receiver), _connected(receiver) as line:
        until = time.monotonic() + EXCHANGE
        with _secured(line, receiver) as secured:
            _send(secured, data, until=until)
            _listen(secured, receiver)
            is_sealed = _end(secured, receiver, until=until)
    if demand_sealed and not is_sealed:
        raise errors.ReceiverSilent(host=receiver.host)
    return is_sealed


def _connected(receiver: Receiver) -> socket.socket:
    return socket.create_connection((receiver.host, receiver.port), timeout=CONNECT)


@contextmanager
def _secured(line: socket.socket, receiver: Receiver) -> Iterator[socket.socket]:
    """The same line where it has no TLS."""
    if not receiver.tls:
        yield line
        return
    with _shake_hands(line, receiver) as secured:
        yield secured


def _shake_hands(line: socket.socket, receiver: Receiver) -> ssl.SSLSocket:
    try:
        return receiver.trust().wrap_socket(line, server_hostname=receiver.host.rstrip("."))
    except (TimeoutError, ssl.SSLEOFError, ConnectionError):
        problem = "it does not answer as TLS does"
        raise errors.ReceiverWithoutTls(
            host=receiver.host, port=receiver.port, problem=problem
        ) from None


def _send(line: socket.socket, data: bytes, *, until: float) -> None:
    rest = memoryview(data)
    while rest:
        _wait_until(line, until)
        rest = rest[line.send(rest) :]


def _listen(line: socket.socket, receiver: Receiver) -> None:
    """Nothing is to be heard: neither an end before ours, nor an answer."""
    line.settimeout(0)
    try:
        heard = line.recv(4096)
    except (BlockingIOError, ssl.SSLWantReadError):
        return
    if heard:
        raise errors.ReceiverAnswered(host=receiver.host, port=receiver.port)
    raise errors.ReceiverLeft(host=receiver.host)


def _end(line: socket.socket, receiver: Receiver, *, until: float) -> bool:
    """Say that this was all, and wait for the same from the other side; whether it was sealed."""
    _wait_until(line, until)
    try:
        if isinstance(line, ssl.SSLSocket):
            return _unwrap(line)
        line.shutdown(socket.SHUT_WR)
        if line.recv(4096):
            raise errors.ReceiverAnswered(host=receiver.host, port=receiver.port)
    except (ssl.SSLError, TimeoutError):
        raise errors.ReceiverSilent(host=receiver.host) from None
    return False


def _unwrap(line: ssl.SSLSocket) -> bool:
    try:
        line.unwrap()
    except ssl.SSLEOFError:  # only TCP has ended, which it does not where something was unread
        return False
    return True


def _wait_until(line: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)


@contextmanager
def _told_apart(receiver: Receiver) -> Iterator[None]:
    """The operating system's errors as ours."""
    place: dict[str, Any] = {"host": receiver.host, "port": receiver.port}
    try:
        yield
    except socket.gaierror as error:
        raise errors.ReceiverNameUnknown(**place) from error
    except ssl.SSLCertVerificationError as error:
        is_name = error.verify_code in WRONG_NAMES
        kind = errors.ReceiverOfAnotherName if is_name else errors.ReceiverNotTrusted
        raise kind(**place, problem=error.verify_message) from error
    except ssl.SSLError as error:
        raise errors.ReceiverWithoutTls(**place, problem=error.reason or error) from error
    except TimeoutError as error:
        raise errors.ReceiverTimeout(**place) from error
    except ConnectionRefusedError as error:
        raise errors.ReceiverRefused(**place) from error
    except ConnectionError as error:
        raise errors.ReceiverLeft(**place) from error
    except OSError as error:
        raise errors.ReceiverUnreachable(**place, problem=error.strerror or error) from error
