"""The matrix before a promotion: who looked, at what, and why it would not work."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import preflight as matrix
from cluster import state
from cluster.models import Cluster
from cluster.preflight import asking
from cluster.services.preflight import Kind, Preflight
from nodes.models import Command, Contact, Node
from tests.cluster.factories import hear_from
from tests.cluster.lookouts import ENDPOINT, Lookouts
from tests.cluster.preflights import NODE_2, check, lookouts, node, only_failure

__all__ = ["lookouts", "node"]
pytestmark = pytest.mark.django_db


def kinds(found: Preflight, origin: str) -> list[str]:
    return [each.kind for each in found.checks if each.origin == origin]


def test_all_is_well(node: Node, lookouts: Lookouts) -> None:
    """S24, S36: every node is named, and the leader, a worker soon, looks too."""
    found = check(node)

    assert found.ok
    assert {each.origin for each in found.checks} == {"node1", "node2", "node3"}
    assert kinds(found, "node2") == [Kind.ANSWER, Kind.ELIGIBLE, Kind.STATE]
    assert kinds(found, "node3") == [
        Kind.ANSWER,
        Kind.NAME,
        Kind.ADDRESS,
        Kind.HTTPS,
        Kind.VPN,
        Kind.VERSION,
        Kind.CLOCK,
        Kind.STATE,
    ]


def test_every_line_says_what_was_probed(node: Node, lookouts: Lookouts) -> None:
    """S37."""
    said = " ".join(each.detail for each in check(node).checks)

    assert "node3 resolves node2.example.org to 192.0.2.2." in said
    assert f"{NODE_2} showed node3 the certificate of node2" in said
    assert f"node3 and node2 exchanged WireGuard packets just now, both ways, by {ENDPOINT}" in said


def test_question_leaves_no_trace_in_the_audit_trail(node: Node, lookouts: Lookouts) -> None:
    before = AuditEvent.objects.count()

    check(node)

    assert AuditEvent.objects.count() == before


def test_candidate_is_asked_to_be_quiet_and_the_leader_to_leave_endpoints_alone(
    node: Node, lookouts: Lookouts
) -> None:
    asked = {
        command.node_id: command.arguments
        for command in Command.objects.filter(pk__in=matrix.ask(node))
    }

    place = {"node_id": 2, "endpoint": "node2.example.org:55820"}
    assert asked[1]["ping"] == [place | {"pinned": False}]
    assert asked[3]["ping"] == [place | {"pinned": True}]
    assert [each["node_id"] for each in asked[2]["ping"]] == [1, 3]
    assert (asked[2]["quiet"], asked[2]["hosts"]) == (True, [])


def test_silent_node_is_named(node: Node, lookouts: Lookouts) -> None:
    lookouts.silent = {3}

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node3", "answer", "node_not_reachable")
    assert "did not answer in time" in failed.detail


def test_offline_node_is_named_and_not_waited_for(node: Node, lookouts: Lookouts) -> None:
    hear_from(3, last_contact=timezone.now() - timedelta(seconds=9))

    failed = only_failure(node)

    assert (failed.origin, failed.kind) == ("node3", "answer")
    assert "is offline" in failed.detail
    assert not Command.objects.filter(node=3).exists()


def test_node_that_is_leaving_is_not_asked(node: Node, lookouts: Lookouts) -> None:
    Node.objects.filter(pk=3).update(state=Node.State.REMOVING)

    found = check(node)

    assert found.ok
    assert kinds(found, "node3") == []


def test_other_version_is_named(node: Node, lookouts: Lookouts) -> None:
    Node.objects.filter(pk=3).update(version="99.1.0")

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == (
        "node3",
        "version",
        "core_version_mismatch",
    )
    assert "99.1.0" in failed.detail


def test_patch_version_may_differ(node: Node, lookouts: Lookouts) -> None:
    Node.objects.filter(pk=2).update(version="1.2.3")
    Node.objects.exclude(pk=2).update(version="1.2.9")

    assert check(node).ok


def test_older_state_is_named_with_its_lag(node: Node, lookouts: Lookouts) -> None:
    generation = Cluster.objects.get().generation
    hear_from(3, generation=generation - 1)

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node3", "state", "state_outdated")
    assert f"generation {generation - 1} of {generation}" in failed.detail


def test_refused_state_is_said(node: Node, lookouts: Lookouts) -> None:
    state.bump()
    refused = {"code": "wrong_signer", "detail": "It is signed by node 9."}
    Contact.objects.exclude(node=3).update(generation=Cluster.objects.get().generation)
    hear_from(3, health={"refused_state": refused})

    assert "It refuses the newest: It is signed by node 9." in only_failure(node).detail


@pytest.mark.parametrize(("seconds", "warned"), [(4, False), (-4, False), (5, True), (-600, True)])
def test_clocks_that_differ_are_a_warning_only(
    seconds: int, warned: bool, node: Node, lookouts: Lookouts
) -> None:
    hear_from(3, health={"clock_offset": seconds})

    found = check(node)

    assert found.ok
    assert bool(found.warnings) is warned
    assert [each.origin for each in found.warnings] == ["node3"] * warned


def test_clock_of_the_candidate_is_warned_of_by_everybody(node: Node, lookouts: Lookouts) -> None:
    hear_from(2, health={"clock_offset": 600})

    assert [(each.origin, each.code) for each in check(node).warnings] == [
        ("node1", "clock_skew"),
        ("node3", "clock_skew"),
    ]


def test_node_that_may_not_lead_is_named(node: Node, lookouts: Lookouts) -> None:
    Node.objects.filter(pk=2).update(eligible=False)

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node2", "eligible", "node_not_eligible")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"ok": False, "data": {"code": "unsupported"}}, "it could not be probed"),
        ({"ok": False, "data": {"detail": "hosts is not a list"}}, "hosts is not a list"),
        ({"ok": True, "data": None}, "cannot be understood"),
        ({"ok": True, "data": {"hosts": [], "vpn": {"peers": [7]}}}, "cannot be understood"),
        ({"ok": True, "data": {"hosts": 7, "vpn": {"peers": []}}}, "cannot be understood"),
    ],
)
def test_senseless_answer_is_named(result: Any, words: str, node: Node, lookouts: Lookouts) -> None:
    lookouts.results[3] = result

    failed = only_failure(node)

    assert (failed.origin, failed.kind) == ("node3", "answer")
    assert words in failed.detail


def test_answers_are_awaited(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """``read`` says None while an answer may still come, and judges when it is too late."""
    monkeypatch.setattr(asking, "PATIENCE", timedelta(seconds=6))
    asked = matrix.ask(node)

    assert matrix.read(node, asked) is None

    Command.objects.update(created_at=timezone.now() - timedelta(seconds=7))
    late = matrix.read(node, asked)
    assert late is not None
    assert [each.kind for each in late.failures] == ["answer"] * 3


def test_old_questions_are_forgotten(node: Node, lookouts: Lookouts) -> None:
    check(node)
    Command.objects.update(expires_at=timezone.now() - timedelta(hours=2))

    check(node)

    assert Command.objects.count() == 3
