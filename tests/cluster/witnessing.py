"""A trail that node 2 remembers, and what somebody with root's power does to it."""

import pytest

from audit.chain import event_hash
from audit.models import AuditEvent, AuditHead, Checkpoint, WitnessStatement
from cluster.tasks import keep_witnesses
from nodes.agent.custody import bear_witness
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.cluster.factories import Newcomer
from tests.fakes import FakeAgent


def sync(member: Newcomer) -> None:
    """The node does what it is asked, and says what came of it."""
    commands = member.sync(source="10.5.4.2").json()["commands"]
    results = [
        {
            "id": command["id"],
            "ok": True,
            "data": bear_witness(member.agent.membership, command["arguments"]),
        }
        for command in commands
    ]
    member.sync(source="10.5.4.2", results=results)


def settle(member: Newcomer) -> None:
    """A checkpoint is made, reaches the node, and its answer is heard."""
    keep_witnesses()
    sync(member)
    keep_witnesses()


@pytest.fixture
def witnessed(member: Newcomer) -> Newcomer:
    """Node 2 remembers a trail of some events."""
    for number in range(20):
        make_event(details={"number": number})
    settle(member)
    return member


def cut(keep: int) -> None:
    """The newest events go, and nothing in the database remembers them."""
    with without_triggers():
        AuditEvent.objects.filter(id__gt=keep).delete()
        Checkpoint.objects.filter(count__gt=keep).delete()
    last = AuditEvent.objects.get(id=keep)
    AuditHead.objects.update(last_id=keep, last_hash=last.hash, last_time=last.time)


def rewrite(first: int) -> None:
    """The user of one event changes, and every hash behind it, so that the chain fits again."""
    with without_triggers():
        previous = AuditEvent.objects.get(id=first - 1).hash
        for event in AuditEvent.objects.filter(id__gte=first).order_by("id"):
            event.user = "eve" if event.pk == first else event.user
            previous = event_hash(event, previous=previous)
            AuditEvent.objects.filter(id=event.pk).update(user=event.user, hash=previous)
        Checkpoint.objects.all().delete()
    AuditHead.objects.update(last_hash=previous)


def forget(agent: FakeAgent) -> None:
    """Root on the leader removes what its own agent remembers, too."""
    witness = agent.membership.witness
    witness._path.unlink(missing_ok=True)
    vars(witness).pop("_kept", None)
    WitnessStatement.objects.all().delete()
