"""Arming a row, and looking at what came of it."""

from tests.faults.rows import POWER, Row
from tests.lab import membership, supervisor, wireguard
from tests.lab.client import Unreachable
from tests.lab.host import Host
from tests.lab.rows import open_operations
from tests.lab.waiting import eventually

REACHED, RESTARTED, SETTLED = 30, 20, 30
"""Seconds: until the place is reached, until the victim runs again, and until all is in order."""


def arm(row: Row, *, where: Host, victim: Host) -> set[int]:
    """Let the place, when it is reached, end the victim; returns the pids that will die."""
    running = victim.pids()
    if row.victim == POWER:
        where.failpoint(row.place, POWER)
        return {pid for pid in running.values() if pid}
    where.failpoint(row.place, f"kill:{supervisor.target_of(victim.state_dir, row.victim)}")
    return {running[row.victim] or 0}


def wait_for_restart(doomed: set[int], *, where: Host, victim: Host) -> None:
    """Wait until the failpoint has fired, and the victim's supervisor has done its work."""
    eventually(lambda: not where.failpoint_file.exists(), within=REACHED, every=0.1)
    eventually(lambda: _all_anew(doomed, victim), within=RESTARTED, every=0.1)


def _all_anew(doomed: set[int], victim: Host) -> bool:
    running = set(victim.pids().values())
    return None not in running and not running & doomed


def ids(leader: Host) -> list[int] | None:
    """The ids in the leader's list, or None while it does not answer."""
    try:
        return sorted(node["id"] for node in membership.nodes(leader))
    except Unreachable:
        return None


def joined_or_untouched(leader: Host, newcomer: Host, *, before: list[int]) -> str | None:
    """Which of the two it is, once nothing is under way on either side."""
    if open_operations(leader) or open_operations(newcomer):
        return None
    now = ids(leader)
    if newcomer.role == "worker" and now == sorted([*before, newcomer.node_id or 0]):
        return "joined" if membership.is_online(leader, newcomer) else None
    if newcomer.role == "uninitialised" and now == before:
        return "untouched" if wireguard.show(newcomer) is None else None
    return None


def lowest_free_address(leader: Host) -> str:
    """The VPN address that the next node must get if none was lost."""
    used = {node["vpn_address"] for node in membership.nodes(leader)}
    addresses = (f"10.5.4.{number}" for number in range(1, 255))
    return next(address for address in addresses if address not in used)


def hub_peers(leader: Host) -> int:
    """How many peers the hub really has."""
    hub = wireguard.show(leader)
    return len(hub.peers) if hub else 0
