"""Before a promotion: by which path a node does not reach the candidate is named."""

import pytest

from nodes.models import Node
from tests.cluster.lookouts import ENDPOINT, Lookouts, peer
from tests.cluster.preflights import NODE_2, check, lookouts, node, only_failure

__all__ = ["lookouts", "node"]
pytestmark = pytest.mark.django_db
FAILED = "endpoint_address_not_reachable"


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
