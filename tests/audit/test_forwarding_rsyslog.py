"""The trail in a real rsyslogd."""

import shutil
from pathlib import Path

import pytest
from django.utils import timezone

from audit.actor import Actor
from audit.forwarding import delivery
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding, get_standing
from audit.models import AuditEvent, ForwardingPlace
from tests.audit.factories import make_event, person
from tests.audit.rsyslog import rsyslog
from tests.audit.syslog_receivers import make_tls

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("rsyslogd", path="/usr/sbin"), reason="no rsyslogd here"),
]
EVENTS = 2000
GNUTLS = "*/rsyslog/lmnsd_gtls.so"


def forward_until(event: int) -> None:
    """With whatever pauses there are cut short."""
    while get_standing().place.taken < event:
        ForwardingPlace.objects.update(retry_at=timezone.now())
        delivery.forward(seconds=0)


def fail_once() -> None:
    """What is sent while it is down goes nowhere."""
    delivery.forward(seconds=0)
    assert get_standing().place.away_since


def test_every_event_arrives_although_the_receiver_is_killed_twice(tmp_path: Path) -> None:
    with rsyslog(tmp_path) as receiver:
        place = Receiver("127.0.0.1", receiver.port, tls=False)
        change_forwarding(place, actor=Actor.system())
        for number in range(EVENTS - 1):
            make_event(actor=person(f'ann {number} "\\]\n'), details={"é": ["😀", ']"'] * 9})
        for killed_at in (600, 1400):
            forward_until(killed_at)
            receiver.kill()
            fail_once()
            receiver.start()
        forward_until(EVENTS)

    messages = receiver.messages()
    hashes = dict(AuditEvent.objects.values_list("pk", "hash"))
    assert {int(m.values["id"]): m.values["hash"] for m in messages} == hashes
    assert len(hashes) == EVENTS
    assert len(messages) < EVENTS * 1.5


@pytest.mark.skipif(not list(Path("/usr/lib").glob(GNUTLS)), reason="no rsyslog-gnutls here")
def test_rsyslogs_tls_is_enough_although_it_ends_without_a_seal(tmp_path: Path) -> None:
    """With GnuTLS it closes the connection when it has read everything, and says nothing."""
    _, certificate = make_tls(tmp_path)
    with rsyslog(tmp_path, tls=True) as receiver:
        place = Receiver("localhost", receiver.port, certificate=certificate)
        change_forwarding(place, actor=Actor.system())
        for _ in range(299):
            make_event(details={"é": ["😀", ']"'] * 9})
        forward_until(100)
        receiver.kill()
        fail_once()
        receiver.start()
        forward_until(300)

    taken = {int(message.values["id"]) for message in receiver.messages()}
    assert taken == set(range(1, 301))
    assert not get_standing().place.is_sealed
