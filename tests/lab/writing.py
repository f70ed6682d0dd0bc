"""A client that writes all the time, wherever the leader is, and keeps account of every answer."""

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import urllib3

from tests.lab import client, membership
from tests.lab.client import Answer, Unreachable
from tests.lab.host import Host

PAUSE = 0.05
LATENCY = 3.0


@dataclass(frozen=True)
class Attempt:
    """One write: the node whose label it changed, the value, and what came of it."""

    began: float
    ended: float
    host: str
    node: int
    value: int
    status: int
    """0 when no answer came."""
    code: str = ""
    retry_after: str | None = None


@dataclass
class Writes:
    """The account; whole when the writing is over."""

    attempts: list[Attempt] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    """Nodes whose label was too old when the next leader was first asked: before the next write."""

    @property
    def acknowledged(self) -> list[Attempt]:
        """What must never be lost."""
        return [attempt for attempt in self.attempts if attempt.status == 200]

    @property
    def refusals(self) -> list[Attempt]:
        """Answers that were not yes."""
        return [attempt for attempt in self.attempts if attempt.status not in (0, 200)]

    @property
    def outage(self) -> float:
        """The longest time between two acknowledged writes, in seconds."""
        done = [attempt.ended for attempt in (*self.acknowledged, self.attempts[-1])]
        return max((later - earlier for earlier, later in pairwise(done)), default=float("inf"))

    @property
    def last_acknowledged(self) -> dict[int, int]:
        """The last value that was acknowledged, by node."""
        return {attempt.node: attempt.value for attempt in self.acknowledged}

    def lost(self, leader: Host) -> list[int]:
        """Nodes whose label is, or was on a leader in between, older than what was acknowledged."""
        return self.missed + self.find_older(membership.nodes(leader))

    def find_older(self, nodes: Sequence[Mapping[str, Any]]) -> list[int]:
        """Of a leader's list of nodes: those with an older label than the last acknowledged."""
        there = {node["id"]: _value(node["label"]) for node in nodes}
        return [node for node, value in self.last_acknowledged.items() if there[node] < value]


@contextlib.contextmanager
def writing(hosts: Sequence[Host], *, token: str, nodes: Sequence[int]) -> Iterator[Writes]:
    """Change the nodes' labels in turn, as long as the block lasts; asks the hosts who leads."""
    account, over = Writes(), threading.Event()
    writer = _Writer(hosts, token=token, nodes=nodes, account=account, over=over)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        yield account
    finally:
        over.set()
        thread.join()


class _Writer:
    def __init__(
        self,
        hosts: Sequence[Host],
        *,
        token: str,
        nodes: Sequence[int],
        account: Writes,
        over: threading.Event,
    ) -> None:
        self._hosts = itertools.cycle(hosts)
        self._token = token
        self._nodes = itertools.cycle(nodes)
        self._account = account
        self._over = over
        self._connections: dict[str, urllib3.HTTPSConnectionPool] = {}

    def run(self) -> None:
        """Write until it is over; a worker's answer or silence sends us to the next host.

        What a leader has is read before anything is written to it, or the next write would hide
        that one was lost: who cannot be read is not written to.
        """
        host, has_read = next(self._hosts), False
        client.enter(f"{host.lab}-client")
        for value in itertools.count(1):
            if self._over.wait(PAUSE):
                break
            node, label = next(self._nodes), {"label": f"w{value}"}
            if not has_read:
                attempt, there = self._ask(host, "GET", "nodes/", node=node, value=value)
                if attempt.status == 200:
                    self._account.missed += self._account.find_older(there["results"])
                    has_read = True
            if has_read:
                attempt, _ = self._ask(
                    host, "PATCH", f"nodes/{node}/", label, node=node, value=value
                )
            self._account.attempts.append(attempt)
            if attempt.status == 0 or attempt.code in ("not_leader", "leader_deposed"):
                host, has_read = next(self._hosts), False
        for connections in self._connections.values():
            connections.close()

    def _ask(
        self,
        host: Host,
        method: str,
        path: str,
        payload: dict[str, str] | None = None,
        *,
        node: int,
        value: int,
    ) -> tuple[Attempt, Any]:
        """What came of the attempt, and the answer's body."""
        began = time.time()
        try:
            answer = client.ask(
                self._to(host), method, f"/api/v1/{path}", payload=payload, token=self._token
            )
        except Unreachable:
            return Attempt(began, time.time(), host.name, node, value, status=0), None
        attempt = Attempt(
            began,
            time.time(),
            host.name,
            node,
            value,
            status=answer.status,
            code=_code(answer),
            retry_after=answer.headers.get("Retry-After"),
        )
        return attempt, answer.body

    def _to(self, host: Host) -> urllib3.HTTPSConnectionPool:
        if host.name not in self._connections:
            self._connections[host.name] = host.connect(timeout=LATENCY)
        return self._connections[host.name]


def _code(answer: Answer) -> str:
    body: Any = answer.body
    if answer.status == 200 or not isinstance(body, dict) or "errors" not in body:
        return ""
    return str(body["errors"][0]["code"])


def _value(label: str) -> int:
    """0 for a label that no writer gave."""
    return int(label[1:]) if label[:1] == "w" and label[1:].isdigit() else 0
