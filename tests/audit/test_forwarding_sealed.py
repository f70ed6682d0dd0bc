"""Over TLS, whoever has sealed its end once has to go on doing so (RFC 5425 4.4)."""

import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from audit.actor import Actor
from audit.forwarding import delivery
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding, get_standing
from tests.audit.factories import make_event
from tests.audit.syslog_receivers import FakeReceiver, make_tls, receiving

pytestmark = pytest.mark.django_db


def seal_the_first(receiver: FakeReceiver, line: socket.socket) -> None:
    """As if from the second connection on somebody between ended them."""
    while line.recv(65536):
        pass
    assert isinstance(line, ssl.SSLSocket)
    if not receiver.taken:
        with suppress(OSError):
            line.unwrap()
    receiver.taken.append(b"")


def test_receiver_that_has_sealed_its_end_has_to_again(tmp_path: Path) -> None:
    tls, certificate = make_tls(tmp_path)
    with receiving(seal_the_first, tls=tls) as receiver:
        place = Receiver("localhost", receiver.port, certificate=certificate)
        change_forwarding(place, actor=Actor.system())
        delivery.forward(seconds=0)
        taken = get_standing().place.taken
        make_event()
        delivery.forward(seconds=0)

    standing = get_standing().place
    assert (taken, standing.is_sealed) == (1, True)
    assert standing.error_code == "syslog_unconfirmed"
    assert standing.taken < 2


def test_another_receiver_need_not() -> None:
    place = Receiver("127.0.0.1", 1, tls=False)
    change_forwarding(place, actor=Actor.system())
    held = get_standing().place
    held.is_sealed = True
    held.save()

    change_forwarding(Receiver("127.0.0.1", 2, tls=False), actor=Actor.system())

    assert not get_standing().place.is_sealed
