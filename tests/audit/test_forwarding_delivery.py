"""Every event reaches the receiver, in order, at least once; the trail is the spool."""

import socket
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from audit import replica
from audit.actions import AuditAction
from audit.actor import Actor
from audit.forwarding import delivery, place
from audit.forwarding.delivery import forward
from audit.forwarding.service import get_standing, stop_forwarding
from audit.models import Forwarding, ForwardingPlace
from audit.tasks import forward_events
from config.notices import collect
from tests.audit.factories import make_event
from tests.audit.forwarding import forward_to, receiver
from tests.audit.syslog_receivers import FakeReceiver, receiving, reset
from tests.cluster.broker import Broker, broker
from tests.fakes import FakeAgent, local_agent

__all__ = ["broker", "local_agent", "receiver"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def away() -> int:
    """Port of a receiver that is away."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    forward_to(port)
    return port


def is_time() -> None:
    """As when the pause after a failure is over."""
    ForwardingPlace.objects.update(retry_at=timezone.now())


def test_events_arrive_in_order(receiver: FakeReceiver) -> None:
    for _ in range(5):
        make_event()

    assert not forward(seconds=1)

    assert receiver.ids == [1, 2, 3, 4, 5, 6]
    assert get_standing().behind == 0


def test_nothing_is_sent_twice_without_need(receiver: FakeReceiver) -> None:
    forward(seconds=1)
    make_event()
    forward(seconds=1)
    forward(seconds=1)

    assert receiver.ids == [1, 2]


def test_forwarding_begins_with_the_change_that_asks_for_it() -> None:
    make_event()
    with receiving() as receiver:
        forward_to(receiver.port)
        forward(seconds=1)

    assert receiver.ids == [2]


def test_whole_trail_goes_where_that_is_asked_for() -> None:
    make_event()
    with receiving() as receiver:
        forward_to(receiver.port, whole_trail=True)
        forward(seconds=1)

    assert receiver.ids == [1, 2]


def test_batches_follow_each_other(receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BATCH", 2)
    for _ in range(4):
        make_event()

    forward(seconds=5)

    assert receiver.ids == [1, 2, 3, 4, 5]
    assert len(receiver.taken) == 3


def test_what_does_not_fit_into_a_moment_is_sent_at_once_after_it(
    receiver: FakeReceiver, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "BATCH", 1)
    monkeypatch.setattr("audit.tasks.AT_ONCE", 0)
    make_event()

    forward_events()

    assert receiver.ids == [1]
    assert broker.sent() == [("audit.tasks.forward_events", [])]


def test_events_wait_while_the_receiver_is_away(away: int) -> None:
    make_event()

    forward(seconds=1)

    standing = get_standing()
    assert standing.behind == 2
    assert standing.place.error_code == "syslog_refused"
    assert standing.place.away_since


def test_receiver_that_is_away_is_not_asked_again_at_once(away: int) -> None:
    forward(seconds=1)
    with receiving(port=away) as receiver:
        forward(seconds=1)

        assert receiver.taken == []


def test_pauses_grow_to_a_minute(away: int) -> None:
    for _ in range(8):
        is_time()
        forward(seconds=1)

    retry_at = ForwardingPlace.objects.get().retry_at
    assert retry_at
    assert timedelta(seconds=55) < retry_at - timezone.now() <= timedelta(seconds=60)


def test_receiver_that_comes_back_gets_everything(away: int) -> None:
    make_event()
    forward(seconds=1)
    is_time()
    with receiving(port=away) as receiver:
        forward(seconds=1)

    found = ForwardingPlace.objects.get()
    assert receiver.ids == [1, 2]
    assert (found.away_since, found.error_code, found.failures) == (None, "", 0)


def test_last_batch_goes_again_after_the_receiver_was_away(receiver: FakeReceiver) -> None:
    """What it had read it may have lost when it fell."""
    forward(seconds=1)
    make_event()
    forward(seconds=1)
    make_event()
    ForwardingPlace.objects.update(again_after=1)
    Forwarding.objects.update(port=1)
    forward(seconds=1)
    is_time()
    Forwarding.objects.update(port=receiver.port)
    forward(seconds=1)

    assert receiver.ids == [1, 2, 2, 3]


def test_receiver_that_falls_in_the_middle_gets_the_batch_again() -> None:
    def fall_once(receiver: FakeReceiver, line: socket.socket) -> None:
        if receiver.taken:
            receiver.read_all(line)
            return
        receiver.taken.append(line.recv(100))
        reset(line)

    with receiving(fall_once) as receiver:
        forward_to(receiver.port)
        for _ in range(100):
            make_event()
        forward(seconds=1)
        is_time()
        forward(seconds=1)

    assert receiver.ids == list(range(1, 102))


def test_two_workers_do_not_send_the_same(receiver: FakeReceiver) -> None:
    ForwardingPlace.objects.update(claimed_until=timezone.now() + timedelta(seconds=5))

    forward(seconds=1)

    assert receiver.taken == []


def test_claim_of_a_worker_that_was_killed_lapses(receiver: FakeReceiver) -> None:
    ForwardingPlace.objects.update(claimed_until=timezone.now())

    forward(seconds=1)

    assert receiver.ids == [1]


def test_worker_that_lost_its_claim_moves_nothing() -> None:
    forward_to(1)
    held = place.claim()
    assert held
    forward_to(1, whole_trail=True)

    assert not place.note_taken(held, 99, is_sealed=False)

    assert ForwardingPlace.objects.get().taken == 0


def test_nothing_is_sent_where_nothing_is_to_be_forwarded(receiver: FakeReceiver) -> None:
    stop_forwarding(actor=Actor.system())

    forward(seconds=1)

    assert receiver.taken == []


def test_new_leader_forwards_from_the_beginning_of_its_term() -> None:
    """Its trail of before is nobody's business."""
    make_event()
    make_event(AuditAction.LEADERSHIP_TAKEN)
    make_event()
    with receiving() as receiver:
        described = {"host": "127.0.0.1", "port": receiver.port, "tls": False, "certificate": ""}
        replica.restore({"forwarding": described})
        forward(seconds=1)

    assert receiver.ids == [2, 3]


def test_candidate_forwards_nothing_before_it_leads() -> None:
    make_event()
    with receiving() as receiver:
        described = {"host": "127.0.0.1", "port": receiver.port, "tls": False, "certificate": ""}
        replica.restore({"forwarding": described})
        forward(seconds=1)

    assert receiver.taken == []


def test_leader_that_led_before_goes_on_where_it_was(receiver: FakeReceiver) -> None:
    forward(seconds=1)
    described = replica.export()
    make_event()
    make_event(AuditAction.LEADERSHIP_TAKEN)
    with transaction.atomic():
        replica.restore(described)
    forward(seconds=1)

    assert receiver.ids == [1, 2, 3]


@pytest.mark.parametrize(("minutes", "notices"), [(14, 0), (16, 1)])
def test_receiver_that_stays_away_is_an_alarm(
    away: int, minutes: int, notices: int, local_agent: FakeAgent
) -> None:
    forward(seconds=1)
    since = timezone.now() - timedelta(minutes=minutes)
    ForwardingPlace.objects.update(away_since=since)

    titles = [notice.title for notice in collect([])]

    assert len([title for title in titles if "syslog" in title]) == notices
