"""A planned promotion on the leader that ends leading."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import freeze, preflight, state
from cluster.models import Cluster, Operation
from cluster.preflight import Check, Preflight
from cluster.services import operations
from cluster.workflows import promote_leaving
from nodes.local_agent import AgentRefused
from nodes.models import Node
from nodes.services.nodes import change_node
from tests.cluster.factories import ADMIN, carry_on, hear_from
from tests.cluster.pairs import CandidateCalls, Pair, newest_state
from tests.cluster.promoting import acknowledge, calls, step

__all__ = ["calls"]
pytestmark = pytest.mark.django_db


def test_candidate_leads_and_the_operation_goes_on_there(pair: Pair, calls: CandidateCalls) -> None:
    """S26."""
    operation = carry_on(pair.promote())
    acknowledge(pair)

    carry_on(operation)

    assert operation.state == "succeeded"
    assert operation.progress == 100
    assert step(operation, "follow") == ("skipped", "Continues on node2.")
    assert pair.agents[1].status()["role"] == "worker"
    assert pair.agents[2].status()["role"] == "leader"
    assert calls.asked == ["prepare", "lead"]
    assert AuditEvent.objects.filter(action="node.promoted").count() == 1


def test_agents_that_still_ask_here_get_the_new_leaders_state(
    pair: Pair, calls: CandidateCalls
) -> None:
    operation = carry_on(pair.promote())
    acknowledge(pair)

    carry_on(operation)

    state_given = newest_state()
    assert (state_given["term"], state_given["leader"]) == (2, 2)
    assert "jws" not in operation.data


def test_candidate_is_not_asked_before_it_holds_the_last_state(
    pair: Pair, calls: CandidateCalls
) -> None:
    """S28: the state of the freeze, and not the one before."""
    operation = carry_on(pair.promote())

    assert step(operation, "final_state")[0] == "running"
    assert freeze.is_frozen()
    assert calls.asked == []


def test_endpoint_is_announced_before_anybody_looks(pair: Pair, calls: CandidateCalls) -> None:
    """S34."""
    carry_on(pair.promote(vpn_address="192.0.2.2", vpn_port=4711))

    assert Node.objects.get(pk=2).endpoint == "192.0.2.2:4711"
    state.publish()
    assert newest_state()["nodes"][1]["endpoint"] == "192.0.2.2:4711"


def test_endpoint_that_stays_makes_no_new_state(pair: Pair, calls: CandidateCalls) -> None:
    carry_on(pair.promote())

    assert Cluster.objects.get().generation == 2  # the freeze's own


def found(ok: bool, code: str = "") -> Preflight:
    check = Check("node2", preflight.Kind.VPN, ok, "node3 has no handshake with node2.", code)
    return Preflight.of([check])


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Preflight | None]:
    """What the nodes see of the candidate, one look after the other."""
    seen: list[Preflight | None] = []
    monkeypatch.setattr(preflight, "ask", lambda node: [7])
    monkeypatch.setattr(preflight, "read", lambda node, ids: seen.pop(0) if ids == [7] else None)
    return seen


def test_failed_preflight_undoes_what_was_announced(
    pair: Pair, calls: CandidateCalls, looks: list[Preflight | None]
) -> None:
    """S24, S36: the reason names the node."""
    looks += [None, found(False, "vpn_not_up")]
    operation = pair.promote(vpn_address="192.0.2.2", check_connectivity=True)
    hear_from(2, applied_generation=2)

    carry_on(operation, times=2)

    assert (operation.state, operation.error_code) == ("failed", "endpoint_address_not_reachable")
    assert "node3 has no handshake with node2." in operation.error_detail
    assert Node.objects.get(pk=2).endpoint == "node2.example.org:55820"
    assert AuditEvent.objects.filter(action="node.promotion.failed").count() == 1


def test_endpoint_that_was_changed_meanwhile_stays(
    pair: Pair, calls: CandidateCalls, looks: list[Preflight | None]
) -> None:
    looks += [None, found(False, "vpn_not_up")]
    operation = pair.promote(vpn_address="192.0.2.2", check_connectivity=True)
    hear_from(2, applied_generation=2)
    carry_on(operation)
    change_node(Node.objects.get(pk=2), actor=ADMIN, endpoint="192.0.2.9:55820")

    carry_on(operation)

    assert operation.state == "failed"
    assert Node.objects.get(pk=2).endpoint == "192.0.2.9:55820"


def test_nodes_are_asked_once(
    pair: Pair,
    calls: CandidateCalls,
    looks: list[Preflight | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def ask(node: Node) -> list[int]:
        asked.append(node.pk)
        return [7]

    monkeypatch.setattr(preflight, "ask", ask)
    looks += [None, None, found(True)]

    operation = carry_on(pair.promote(check_connectivity=True), times=3)

    assert asked == [2]
    assert step(operation, "preflight")[0] == "succeeded"


def test_warning_is_noted_and_stops_nothing(
    pair: Pair, calls: CandidateCalls, looks: list[Preflight | None]
) -> None:
    looks.append(found(True, "clock_skew"))

    operation = carry_on(pair.promote(check_connectivity=True))

    assert "no handshake" in step(operation, "preflight")[1]
    assert step(operation, "freeze")[0] == "succeeded"


def test_check_that_was_not_wanted_is_said_so(pair: Pair, calls: CandidateCalls) -> None:
    """S25."""
    operation = carry_on(pair.promote(check_connectivity=False))

    assert "Not checked" in step(operation, "preflight")[1]
    asked = AuditEvent.objects.get(action="node.promotion.requested")
    assert asked.details["check_connectivity"] is False


def test_cancel_thaws_at_once(pair: Pair, calls: CandidateCalls) -> None:
    operation = carry_on(pair.promote())

    operations.cancel(operation, actor=ADMIN)
    carry_on(operation)

    assert (operation.state, freeze.is_frozen()) == ("cancelled", False)
    assert pair.agents[1].status()["role"] == "leader"


def test_agent_that_never_signs_leaves_nothing_frozen(
    pair: Pair, calls: CandidateCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the point of no return nothing is undone; the end itself must thaw."""
    operation = carry_on(pair.promote())
    acknowledge(pair)
    refusal = AgentRefused(code="no", detail="No.", status=409)
    monkeypatch.setattr(pair.agents[1], "hand_over", Mock(side_effect=refusal))
    carry_on(operation)
    assert operation.irreversible

    Operation.objects.update(deadline=timezone.now(), attempts=99)
    carry_on(operation)

    assert (operation.state, freeze.is_frozen()) == ("failed", False)
    assert pair.agents[1].status()["role"] == "leader"


def test_nodes_may_use_the_new_endpoint_before_they_are_asked(
    pair: Pair, calls: CandidateCalls, looks: list[Preflight | None]
) -> None:
    operation = pair.promote(vpn_address="192.0.2.2", check_connectivity=True)
    hear_from(1, applied_generation=2)
    hear_from(2, applied_generation=1)
    carry_on(operation)
    assert "asked" not in operation.data

    hear_from(2, applied_generation=2)
    looks.append(found(True))
    carry_on(operation)

    assert operation.data["asked"] == [7]


def test_patience_is_longer_than_a_reboot() -> None:
    assert timedelta(minutes=30) < promote_leaving.PATIENCE
