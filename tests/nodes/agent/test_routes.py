"""The way to the leader: through the VPN while the hub is heard there, else by its public
address.
"""

from pathlib import Path

import pytest

from nodes.agent.membership import Membership
from nodes.agent.sync.routes import Routes
from tests.nodes.agent.clock import Clock
from tests.nodes.agent.documents import FINGERPRINT, make_document
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember, entry, joined


class Ways:
    """Routes whose hub and clock a test moves."""

    def __init__(self) -> None:
        self.hub_is_alive = True
        self.clock = Clock()
        self.routes = Routes(
            hub_is_alive=lambda: self.hub_is_alive,
            own_console=("127.0.0.1", 8443),
            own_certificate=Path("/nonexistent"),
            monotonic=self.clock,
        )

    def paths(self, member: Membership) -> list[str]:
        return [route.path for route in self.routes.now(member.holding)]

    def fail(self, member: Membership) -> None:
        self.routes.failed(self.routes.now(member.holding)[0])


@pytest.fixture
def ways() -> Ways:
    return Ways()


@pytest.fixture
def member(leader: Membership, worker: Membership) -> Membership:
    joined(leader, worker)
    return worker


def test_vpn_comes_first_while_the_hub_is_heard(ways: Ways, member: Membership) -> None:
    assert ways.paths(member) == ["vpn", "public"]


def test_vpn_is_left_alone_while_the_hub_is_silent(ways: Ways, member: Membership) -> None:
    ways.hub_is_alive = False
    assert ways.paths(member) == ["public"]


def test_vpn_way_is_the_leaders_address_there_and_its_consoles_port(
    ways: Ways, member: Membership
) -> None:
    through_vpn, public = ways.routes.now(member.holding)
    assert (through_vpn.host, through_vpn.port) == ("10.5.4.1", 8443)
    assert (public.host, public.port) == ("192.0.2.1", 8443)
    assert through_vpn.fingerprint == public.fingerprint == FINGERPRINT


def test_dead_vpn_costs_three_seconds_at_most(ways: Ways, member: Membership) -> None:
    through_vpn = ways.routes.now(member.holding)[0]
    assert through_vpn.connect_seconds <= 1.0
    assert through_vpn.answer_seconds <= 3.0


def test_vpn_that_failed_is_left_alone_for_a_while(ways: Ways, member: Membership) -> None:
    ways.fail(member)
    assert ways.paths(member) == ["public"]
    ways.clock.now += 5.0
    assert ways.paths(member) == ["vpn", "public"]


def test_vpn_that_fails_again_is_left_alone_for_longer(ways: Ways, member: Membership) -> None:
    ways.fail(member)
    ways.clock.now += 5.0
    ways.fail(member)
    ways.clock.now += 5.0
    assert ways.paths(member) == ["public"]


def test_vpn_that_works_again_is_forgiven(ways: Ways, member: Membership) -> None:
    ways.fail(member)
    ways.clock.now += 5.0
    ways.routes.succeeded(ways.routes.now(member.holding)[0])
    ways.fail(member)
    ways.clock.now += 5.0
    assert ways.paths(member) == ["vpn", "public"]


def test_leader_talks_with_itself_on_loopback(ways: Ways, leader: Membership) -> None:
    leader.lead(make_document(entry(leader, 1)))
    [own] = ways.routes.now(leader.holding)
    assert (own.host, own.port, own.fingerprint) == ("127.0.0.1", 8443, FINGERPRINT)


def test_uninitialised_node_has_no_way(ways: Ways, leader: Membership) -> None:
    assert ways.paths(leader) == []


def test_leader_whose_state_is_not_held_yet_is_reached_by_its_public_address(
    ways: Ways, make_member: MakeMember
) -> None:
    """Of its VPN address nothing is known but what the leader before it has said."""
    fleet = Fleet(make_member)
    fleet[1].hand_over(to=2, generation=3)
    [route] = ways.routes.now(fleet[1].holding)
    assert (route.path, route.host) == ("public", "192.0.2.2")
