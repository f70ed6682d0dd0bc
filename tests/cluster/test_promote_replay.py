"""A promotion with a crash before, in and after every step, on both sides, forwards and back.

The outcome equals an undisturbed run, and each side's audit trail has one row of it.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import freeze
from cluster.models import Cluster, FollowUp, Operation
from cluster.services import operations, takeover
from cluster.workflows import promote
from cluster.workflows.failpoints import SimulatedCrash
from nodes.models import Contact, Node
from tests.cluster.factories import ADMIN, carry_on, hear_from
from tests.cluster.pairs import CandidateCalls, Pair, newest_state
from tests.cluster.replaying import FORWARDS, set_failpoint, survive

pytestmark = pytest.mark.django_db
LEAVING = ("announce", "preflight", "freeze", "final_state", "prepare", "hand_over")
ARRIVING = ("step_down", "follow", "verify")
BEFORE_NO_RETURN = LEAVING[:-1]


def places(steps: tuple[str, ...], boundaries: tuple[str, ...]) -> list[str]:
    return [f"promote.{step}.{boundary}" for step in steps for boundary in boundaries]


def test_both_sides_are_all_of_it() -> None:
    assert tuple(step.name for step in promote.STEPS) == LEAVING + ARRIVING


@pytest.fixture
def calls(pair: Pair, settings: Any) -> CandidateCalls:
    settings.TRANSPORT = made = CandidateCalls(pair)
    return made


@pytest.mark.parametrize("place", [*places(LEAVING, FORWARDS), "promote.hand_over.signed"])
def test_handing_over_survives_a_crash_anywhere(
    place: str, pair: Pair, calls: CandidateCalls, settings: Any
) -> None:
    operation = pair.promote(vpn_address="192.0.2.2")
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=lambda: _spread_while_leading(pair))

    assert (crashed, operation.state) == (True, "succeeded")
    assert pair.agents[1].status()["role"] == "worker"
    assert pair.agents[2].status()["role"] == "leader"
    assert (newest_state()["term"], newest_state()["leader"]) == (2, 2)
    assert AuditEvent.objects.filter(action="node.promoted").count() == 1


def _spread_while_leading(pair: Pair) -> None:
    if pair.agents[1].status()["role"] == "leader":
        pair.spread()


@pytest.mark.parametrize(
    "place", places(BEFORE_NO_RETURN, ("undo.before", "undo.act", "undo.after"))
)
def test_cancelled_promotion_is_undone_across_a_crash_anywhere(
    place: str, pair: Pair, calls: CandidateCalls, settings: Any
) -> None:
    calls.reachable = False
    operation = carry_on(pair.promote(vpn_address="192.0.2.2"))
    pair.spread()
    carry_on(operation)
    operations.cancel(operation, actor=ADMIN)
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=lambda: None)

    assert (crashed, operation.state) == (True, "cancelled")
    assert not freeze.is_frozen()
    assert Node.objects.get(pk=2).endpoint == "node2.example.org:55820"
    assert pair.agents[1].status()["role"] == "leader"
    assert AuditEvent.objects.filter(action="node.promotion.failed").count() == 1


@pytest.fixture
def arrived(pair: Pair) -> Operation:
    """This machine is node 2; it has prepared and leads, and its operation goes on."""
    operation = carry_on(pair.promote())
    held = pair.spread()
    pair.become(2)
    takeover.prepare(term=held["term"], generation=held["generation"])
    link = pair.agents[1].hand_over(to=2, generation=held["generation"])
    takeover.lead(handover=link, generation=held["generation"])
    operation.refresh_from_db()
    return operation


@pytest.mark.parametrize("place", ["takeover.lead.before", "takeover.lead.after"])
def test_next_leader_that_stops_while_it_takes_over_leads_when_it_is_asked_again(
    place: str, pair: Pair, settings: Any
) -> None:
    carry_on(pair.promote())
    held = pair.spread()
    pair.become(2)
    takeover.prepare(term=held["term"], generation=held["generation"])
    link = pair.agents[1].hand_over(to=2, generation=held["generation"])
    set_failpoint(settings, place)
    with pytest.raises(SimulatedCrash):
        takeover.lead(handover=link, generation=held["generation"])

    takeover.lead(handover=link, generation=held["generation"])

    assert (newest_state()["term"], newest_state()["leader"]) == (2, 2)
    assert AuditEvent.objects.filter(action="leadership.taken").count() == 1


def everybody_follows() -> None:
    for number in (1, 2):
        hear_from(number, term=2)


@pytest.mark.parametrize("place", places(ARRIVING, FORWARDS))
def test_new_leader_finishes_across_a_crash_anywhere(
    place: str, arrived: Operation, settings: Any
) -> None:
    set_failpoint(settings, place)

    crashed = survive(arrived, settings, between=everybody_follows)

    assert (crashed, arrived.state) == (True, "succeeded")
    assert Node.objects.get(role="leader").pk == 2
    assert set(FollowUp.objects.open().values_list("kind", flat=True)) == {
        "backup_password",
        "log_store",
        "audit_trail",
    }
    assert AuditEvent.objects.filter(action="leadership.taken").count() == 1
    assert AuditEvent.objects.filter(action="node.promoted").count() == 1


def test_old_leader_that_stays_away_is_named(arrived: Operation) -> None:
    """Nobody waits for it for ever, and it is not forgotten either."""
    hear_from(2, term=2)
    carry_on(arrived)
    long_ago = timezone.now() - timedelta(seconds=5)
    arrived.steps.filter(name="step_down").update(started_at=long_ago)

    carry_on(arrived, times=2)

    assert arrived.state == "succeeded"
    left = FollowUp.objects.get(kind="node_not_following")
    assert (left.subject, left.node, left.link) == ("node1", 1, "/nodes/1/")
    assert arrived.steps.get(name="step_down").state == "skipped"


def test_new_leader_has_thawed(arrived: Operation) -> None:
    cluster = Cluster.objects.get()

    assert (cluster.frozen_until, cluster.term) == (None, 2)
    assert cluster.handover is not None
    assert not Contact.objects.filter(term=2).exists()
