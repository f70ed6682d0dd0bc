"""Signed ends of the trail are forwarded behind the events that they are about."""

import pytest
from django.utils import timezone

from audit.forwarding.delivery import forward
from audit.models import Checkpoint
from audit.surroundings import custodian
from tests.audit.factories import make_event
from tests.audit.forwarding import forward_to, receiver
from tests.audit.syslog_receivers import FakeReceiver, parse, receiving, unframe

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def sign(count: int) -> Checkpoint:
    """A checkpoint of this node's own trail."""
    signed = {"term": 1, "count": count, "hash": "ab" * 32, "jws": "e.y.j"}
    return Checkpoint.objects.create(trail=custodian().trail, time=timezone.now(), **signed)


def test_checkpoint_follows_the_events_that_it_is_about(receiver: FakeReceiver) -> None:
    sign(1)
    sign(2)

    forward(seconds=1)

    _, checkpoints = receiver.taken
    (message,) = map(parse, unframe(checkpoints))
    assert (message.kind, message.values["checkpoint"]) == ("audit.checkpoint", "1")
    assert message.values["jws"] == "e.y.j"


def test_checkpoint_is_sent_without_new_events_and_once(receiver: FakeReceiver) -> None:
    forward(seconds=1)
    sign(1)
    forward(seconds=1)
    forward(seconds=1)

    assert len(receiver.taken) == 2


def test_checkpoints_of_before_are_not_sent() -> None:
    make_event()
    sign(1)
    with receiving() as receiver:
        forward_to(receiver.port)
        forward(seconds=1)

    assert len(receiver.taken) == 1
