"""Three members whose roles change from row to row; nobody puts anything right between them."""

from dataclasses import dataclass

from cluster.models import Operation
from cluster.workflows.registry import WORKFLOWS
from tests.lab.client import Unreachable
from tests.lab.fleet import Fleet
from tests.lab.host import Host
from tests.lab.rows import open_operations
from tests.lab.waiting import eventually

SIZE = 3
FIRST_ON_NEW_LEADER = "step_down"
"""The step with which the new leader goes on."""


@dataclass(frozen=True)
class Convoy:
    """Who is who in one row: the leader, the node that it is about, and one more."""

    ships: Fleet
    leader: Host
    subject: Host
    other: Host

    def side(self, name: str) -> Host:
        """The host that a row names."""
        sides = {"leader": self.leader, "candidate": self.subject, "removed": self.subject}
        return sides.get(name, self.other)

    def stands(self, *, size: int = SIZE) -> bool:
        """Whether nothing is under way on any host, and all members follow one leader."""
        try:
            busy = sum(open_operations(host) for host in self.ships.lab.hosts)
            return not busy and self.ships.is_whole(size=size) and self.takes_writes()
        except (Unreachable, AssertionError):
            return False

    def takes_writes(self) -> bool:
        """Whether the leader takes a change and everybody learns of it."""
        leader = self.ships.leader
        answer = leader.api("PATCH", f"nodes/{leader.node_id}/", {"label": "row"}, timeout=5)
        return answer.status == 200


def muster(ships: Fleet) -> Convoy:
    """The row's convoy, once it stands; a machine that was removed has joined again."""
    for host in ships.lab.hosts:
        if host.role in ("removed", "uninitialised"):
            ships.rejoin(host)
    for host in ships.lab.hosts:  # the row before may have struck a web, which the pre-flight asks
        host.wait_until_ready()
    eventually(lambda: all(all(host.pids().values()) for host in ships.lab.hosts), within=20)
    ships.wait_until_whole(size=SIZE, within=30)
    ships.wait_until_all_know()
    leader = ships.leader
    subject, other = sorted(ships.workers, key=lambda host: host.name)
    if leader.number % 2:
        subject, other = other, subject
    return Convoy(ships, leader, subject, other)


def places_of_promotion() -> dict[str, str]:
    """On which side each step of a promotion is made."""
    names = [step.name for step in WORKFLOWS[Operation.Kind.PROMOTE].steps]
    first = names.index(FIRST_ON_NEW_LEADER)
    return {name: "leader" if at < first else "candidate" for at, name in enumerate(names)}
