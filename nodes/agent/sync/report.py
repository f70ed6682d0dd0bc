"""What a sync tells the leader: what this node holds, how it is, and what it has done."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

from nodes.agent.commands import Commands
from nodes.agent.facts import Facts
from nodes.agent.machine import Machine
from nodes.agent.membership import Membership
from nodes.agent.store import Holding
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.reply import Reply


class Inventoried(NamedTuple):
    """What runs on this node, and its digest; an empty digest means that nobody has looked."""

    digest: str
    applications: Sequence[dict[str, Any]]


class Inventory(Protocol):
    """Where the reporter gets it from, at every sync: it costs nothing while nothing changes."""

    def sample(self) -> Inventoried: ...


@dataclass(frozen=True, slots=True)
class Report:
    """One body, and what in it is settled once the leader has answered."""

    body: dict[str, Any]
    digest: str
    inventory_digest: str
    results: Sequence[dict[str, Any]]


class Reporter:
    """Builds the body of each sync; facts travel only when they changed or are wanted."""

    def __init__(
        self,
        *,
        membership: Membership,
        machine: Machine,
        facts: Facts,
        commands: Commands,
        clock: LeaderClock,
        inventory: Inventory,
        applications: Callable[[], dict[str, Any]] = dict,
        logs: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._membership = membership
        self._machine = machine
        self._facts = facts
        self._commands = commands
        self._clock = clock
        self._inventory = inventory
        self._applications = applications
        self._logs = logs
        self._known_digest = ""
        self._known_inventory = ""

    def build(self) -> Report:
        """What is true now."""
        held = self._membership.holding
        sample, stock = self._facts.sample(), self._inventory.sample()
        results = self._commands.results()
        is_news = stock.digest != self._known_inventory
        body = {
            **_held(held),
            "applied_generation": self._machine.applied_generation,
            "facts": sample.facts if sample.digest != self._known_digest else None,
            "facts_digest": sample.digest,
            "health": self._health(),
            "inventory": list(stock.applications) if is_news else None,
            "inventory_digest": stock.digest,
            "results": results,
            "deeds": [asdict(deed) for deed in held.record.deeds],
        }
        return Report(body, sample.digest, stock.digest, results)

    def acknowledged(self, report: Report, reply: Reply) -> None:
        """The leader has this report."""
        self._known_digest = "" if reply.facts_wanted else report.digest
        self._known_inventory = "" if reply.inventory_wanted else report.inventory_digest
        self._commands.acknowledge(report.results)
        if reply.deeds_noted:
            self._membership.forget_deeds(reply.deeds_noted)

    def _health(self) -> dict[str, Any]:
        vpn = self._machine.vpn()
        now = time.time()
        peers = [
            {
                "node_id": peer["node_id"],
                "endpoint": peer["endpoint"],
                "handshake_age": _age(peer["last_handshake"], now),
            }
            for peer in vpn["peers"]
        ]
        return {
            "vpn": {"state": vpn["state"], "reason": vpn["reason"], "peers": peers},
            "refused_state": self._membership.refused,
            "clock_offset": self._clock.offset,
            "applications": self._applications(),
            "logs": self._logs(),
        }


def courting_body() -> dict[str, Any]:
    """For a node that may lead us, and may not: nothing of this node, not even what it holds.

    So the answer brings the whole state, also where it is of our own term.
    """
    return {
        "term": 0,
        "generation": 0,
        "applied_generation": 0,
        "facts": None,
        "facts_digest": "",
        "health": {},
        "inventory": None,
        "inventory_digest": "",
        "results": [],
        "deeds": [],
    }


def _held(held: Holding) -> dict[str, int]:
    """The state that we hold, whose term may be behind our record's."""
    term = held.state.term if held.state else held.record.term
    return {"term": term, "generation": held.generation}


def _age(moment: int, now: float) -> int | None:
    """Seconds since ``moment``, or None for never."""
    return max(0, round(now - moment)) if moment else None
