"""One side of a join loses its power in the middle of it, for a long time."""

import time

import pytest

from tests.faults import striking
from tests.faults.conftest import Waters
from tests.faults.rows import WHOLE, Row
from tests.lab import membership
from tests.lab.host import Host
from tests.lab.rows import open_operations
from tests.lab.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.lab]

DEADLINE = 75
"""Seconds that the leader may take for a join, and to undo it."""
LEADER_IS_OFF = 70 if WHOLE else 5
"""Seconds; the longer one is beyond the join's own deadline."""


def test_the_leader_gives_a_lost_newcomer_up(pair: Waters) -> None:
    """Its address and the code are free again.

    The newcomer learns it when it returns; or it had not noted its place yet, and asks again.
    """
    leader, newcomer = pair.leader, pair.newcomer
    before, address = striking.ids(leader), striking.lowest_free_address(leader)
    asked = {"code": membership.join_code(leader), "fqdn": f"row{next(pair.names)}.lab.test"}

    cut_power_on_admission(newcomer, pair, asked)
    eventually(lambda: not open_operations(leader), within=DEADLINE)
    assert striking.ids(leader) == before

    newcomer.start()
    newcomer.wait_until_ready()
    if settled(pair, before=before) == "untouched":
        membership.succeed(newcomer, membership.ask_to_join(newcomer, **asked))
    shown = next(node for node in membership.nodes(leader) if node["fqdn"] == asked["fqdn"])
    assert shown["vpn_address"] == address


def test_a_join_survives_the_loss_of_its_leader(pair: Waters) -> None:
    """Joined or untouched, once the leader has power again."""
    leader, newcomer = pair.leader, pair.newcomer
    before = striking.ids(leader)
    asked = {"code": membership.join_code(leader), "fqdn": f"row{next(pair.names)}.lab.test"}

    cut_power_on_admission(leader, pair, asked)
    time.sleep(LEADER_IS_OFF)
    leader.start()
    leader.wait_until_ready()

    if settled(pair, before=before) == "untouched":
        membership.succeed(newcomer, membership.ask_to_join(newcomer, **asked))
    assert [node["fqdn"] for node in membership.nodes(leader)].count(asked["fqdn"]) == 1


def cut_power_on_admission(victim: Host, pair: Waters, asked: dict[str, str]) -> None:
    """Begin a join, and cut the victim's power before the newcomer was heard of."""
    row = Row("join.admit.after", "leader", "newcomer", "agent")
    striking.arm(row, where=pair.leader, victim=pair.newcomer)
    membership.ask_to_join(pair.newcomer, **asked)
    armed = pair.leader.failpoint_file
    eventually(lambda: not armed.exists(), within=striking.REACHED, every=0.01)
    victim.cut_power()


def settled(pair: Waters, *, before: list[int] | None) -> str | None:
    """Joined or untouched, in time."""
    return eventually(
        lambda: striking.joined_or_untouched(pair.leader, pair.newcomer, before=before or []),
        within=striking.SETTLED,
    )
