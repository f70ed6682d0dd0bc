"""The hub moves, on real machines: traffic between two workers hardly notices."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.nodes.agent.documents import make_document
from tests.nodes.agent.machines import LAB, Node, allowed, is_whole, pin, running_machines, wait_for

pytestmark = pytest.mark.lab


class Fleet:
    """Machines with agents that hear of each state from the test: nobody syncs."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        first, *others = nodes
        self.leader = first
        first.agent.lead(make_document(first.entry()))
        adopted = first.agent.sign(self.document(generation=2, joining=True))
        for node in others:
            node.agent.adopt(jws=adopted, node_id=node.number, leader=pin(first.entry()))
        self.tell(first.agent.sign(self.document(generation=3)))
        wait_for(lambda: all(map(is_whole, nodes)), seconds=20)

    def document(self, *, joining: bool = False, **changes: Any) -> dict[str, Any]:
        status = {"status": "joining"} if joining else {}
        first, *others = self.nodes
        return make_document(first.entry(), *(node.entry(**status) for node in others), **changes)

    def tell(self, jws: str) -> None:
        """All at once, as a leader does whose calls are held."""
        others = [node for node in self.nodes if node is not self.leader]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: node.agent.receive(jws), others))

    def move(self, to: Node) -> None:
        """A planned change of leader, as quick as it can be."""
        status = self.leader.agent.status()
        entries = self.document(term=status["term"] + 1, leader=to.number)
        link = self.leader.agent.hand_over(to=to.number, generation=status["generation"])
        jws = to.agent.lead({**entries, "handover": link})
        self.leader = to
        self.tell(jws)


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with running_machines(f"{LAB}m") as nodes:
        yield Fleet(nodes)


def outage(fleet: Fleet, *, to: Node) -> float:
    """Seconds without an answer between node 2 and node 3 while the hub moves."""
    second = fleet.nodes[1]
    pinging = ("ping", "-n", "-i", "0.02", "-w", "4", "-O", "10.5.4.3")
    with ThreadPoolExecutor() as pool:
        running = pool.submit(second.exec, *pinging, check=False)
        time.sleep(1)
        fleet.move(to)
        output = running.result().stdout
    answered = output.count("bytes from")
    sent = int(output.split(" packets transmitted")[0].split()[-1])
    return (sent - answered) * 0.02


def test_hub_moves_around_and_traffic_goes_on(fleet: Fleet) -> None:
    """At most half a second without an answer between two workers, in each direction."""
    first, second, third = fleet.nodes
    outages = [outage(fleet, to=node) for node in (third, second, first)]
    assert max(outages) <= 0.5, outages
    wait_for(lambda: all(map(is_whole, fleet.nodes)))
    assert allowed(second).count("10.5.4.0/24") == 1
    assert sorted(allowed(first)) == ["10.5.4.2/32", "10.5.4.3/32"]
