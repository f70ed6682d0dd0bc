"""The matrix before a promotion: who looked, at what, and why it would not work."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import preflight as matrix
from cluster import state
from cluster.models import Cluster
from cluster.preflight import asking
from cluster.services import preflight
from cluster.services.preflight import Check, Kind, Preflight
from nodes.models import Command, Contact, Node
from tests.cluster.factories import hear_from
from tests.cluster.lookouts import ENDPOINT, Lookouts, add_fleet, peer

pytestmark = pytest.mark.django_db
FAILED = "endpoint_address_not_reachable"
NODE_2 = "https://node2.example.org:8443"


@pytest.fixture
def node(cluster: Cluster) -> Node:
    return add_fleet()


@pytest.fixture
def lookouts(node: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lookouts]:
    monkeypatch.setattr(asking, "PATIENCE", timedelta(seconds=0.05))
    made = Lookouts()
    with made.on_duty():
        yield made


def check(node: Node) -> Preflight:
    return preflight.check(node, patience=0.05)


def only_failure(node: Node) -> Check:
    [failed] = check(node).failures
    return failed


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


def test_name_that_does_not_resolve_is_named(node: Node, lookouts: Lookouts) -> None:
    """S25; what hangs on the name is not blamed beside it."""
    lookouts.see(3, ok=False, failed="name", detail="the name is not known", addresses=[])

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node3", "name", FAILED)
    assert "node3 cannot resolve node2.example.org: the name is not known." in failed.detail


def test_other_address_is_named_with_both(node: Node, lookouts: Lookouts) -> None:
    """S25."""
    lookouts.see(3, addresses=["192.0.2.99"])

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node3", "address", FAILED)
    assert "to 192.0.2.99, but node1 to 192.0.2.2." in failed.detail


def test_port_that_is_blocked_is_named(node: Node, lookouts: Lookouts) -> None:
    """S36."""
    lookouts.see(3, ok=False, failed="https", detail="no answer in time", tls_fingerprint=None)

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node3", "https", FAILED)
    assert f"cannot reach {NODE_2} (192.0.2.2): no answer in time." in failed.detail
    assert "TCP port 8443" in failed.detail


def test_other_certificate_is_named(node: Node, lookouts: Lookouts) -> None:
    lookouts.see(3, tls_fingerprint="ab" * 32)

    failed = only_failure(node)

    assert (failed.origin, failed.kind) == ("node3", "https")
    assert "another certificate" in failed.detail


@pytest.mark.parametrize(
    ("said", "words"), [(4, "that it is node4"), (None, "no member of this cluster")]
)
def test_other_node_with_the_right_certificate_is_named(
    said: int | None, words: str, node: Node, lookouts: Lookouts
) -> None:
    lookouts.see(3, node=said)

    failed = only_failure(node)

    assert (failed.origin, failed.kind) == ("node3", "https")
    assert words in failed.detail


@pytest.mark.parametrize(
    ("outward", "inward", "words"),
    [
        (False, True, "No WireGuard packet of node3 arrived at node2 (node2.example.org:55820)"),
        (True, False, "No WireGuard packet of node2 arrived at node3"),
        (False, False, "No WireGuard packet got through between node3 and node2"),
    ],
)
def test_blocked_vpn_is_named_with_its_direction(
    outward: bool, inward: bool, words: str, node: Node, lookouts: Lookouts
) -> None:
    """S36, S37."""
    lookouts.hear(2, 3, heard=outward, unasked=outward)
    lookouts.hear(3, 2, heard=inward)

    failed = only_failure(node)

    assert (failed.origin, failed.kind, failed.code) == ("node3", "vpn", FAILED)
    assert words in failed.detail
    assert "Open UDP" in failed.detail


def test_wrong_endpoint_is_named_although_the_peer_is_heard(node: Node, lookouts: Lookouts) -> None:
    lookouts.hear(3, 2, announced="192.0.2.2:51820")
    lookouts.hear(2, 3, unasked=False)

    failed = only_failure(node)

    assert (failed.origin, failed.kind) == ("node3", "vpn")
    assert "(192.0.2.2:51820)" in failed.detail
    assert ENDPOINT in failed.detail


def test_forwarded_endpoint_passes_when_packets_found_it(node: Node, lookouts: Lookouts) -> None:
    """S37: behind a forwarding, the way out may be another than the way in."""
    lookouts.hear(3, 2, announced="192.0.2.200:55820")

    assert check(node).ok


def test_leaders_traffic_proves_no_endpoint(node: Node, lookouts: Lookouts) -> None:
    """Node 2 hears the leader anyway: it is its hub."""
    lookouts.hear(1, 2, announced="192.0.2.2:51820")

    assert (only_failure(node).origin, only_failure(node).kind) == ("node1", "vpn")


def test_vpn_that_is_off_is_said(node: Node, lookouts: Lookouts) -> None:
    lookouts.vpns[3] |= {"state": "off", "reason": "The VPN is off: no wg.", "peers": []}

    failed = only_failure(node)

    assert (failed.origin, failed.kind) == ("node3", "vpn")
    assert "it is off on node3. The VPN is off: no wg." in failed.detail


def test_nodes_that_are_no_peers_are_said(node: Node, lookouts: Lookouts) -> None:
    lookouts.vpns[2]["peers"] = [peer(1)]

    assert "no peers of each other" in only_failure(node).detail


def test_vpn_is_not_judged_without_the_candidate(node: Node, lookouts: Lookouts) -> None:
    lookouts.silent = {2}

    failures = check(node).failures

    assert [(each.origin, each.kind) for each in failures] == [
        ("node1", "vpn"),
        ("node2", "answer"),
        ("node3", "vpn"),
    ]


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
