"""What a sync tells the leader: what this node holds, how it is, and what it has done."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nodes.agent.commands import Commands
from nodes.agent.facts import Facts
from nodes.agent.machine import Machine
from nodes.agent.membership import Membership
from nodes.agent.sync.clock import LeaderClock


@dataclass(frozen=True, slots=True)
class Report:
    """One body, and what in it is settled once the leader has answered."""

    body: dict[str, Any]
    digest: str
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
    ) -> None:
        self._membership = membership
        self._machine = machine
        self._facts = facts
        self._commands = commands
        self._clock = clock
        self._known_digest = ""

    def build(self) -> Report:
        """What is true now."""
        held = self._membership.holding
        sample = self._facts.sample()
        results = self._commands.results()
        body = {
            "term": held.record.term,
            "generation": held.generation,
            "applied_generation": self._machine.applied_generation,
            "facts": sample.facts if sample.digest != self._known_digest else None,
            "facts_digest": sample.digest,
            "health": self._health(),
            "inventory_digest": "",
            "results": results,
        }
        return Report(body=body, digest=sample.digest, results=results)

    def acknowledged(self, report: Report, *, facts_wanted: bool) -> None:
        """The leader has this report."""
        self._known_digest = "" if facts_wanted else report.digest
        self._commands.acknowledge(report.results)

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
        }


def _age(moment: int, now: float) -> int | None:
    """Seconds since ``moment``, or None for never."""
    return max(0, round(now - moment)) if moment else None
