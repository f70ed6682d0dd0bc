"""Agents without machines: real tokens, real HTTPS with a pinned certificate, the real cadence.

``python -m tests.bench.agents`` reads its task from stdin (JSON: see ``Task``), says ``measuring``
when all agents are under way, and prints what it saw when the time is over. One process and one
thread, because it shares the cores with what it measures.
"""

import asyncio
import hashlib
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import OKPKey

from nodes.agent import signing
from nodes.agent.facts import Facts
from nodes.agent.sync.backoff import Backoff, jittered
from nodes.agent.sync.reply import Reply, parse_reply
from nodes.agent.tokens import TokenIssuer
from tests.bench.connection import FAILURES, Connection, Server

FACTS_SECONDS = 15.0
"""Each agent has new facts so often, as one on a busy machine does."""
TIMEOUT_SECONDS = 30.0
"""Long, so that a slow answer is measured and not lost."""
SHORTEST_PAUSE = 0.2


@dataclass(frozen=True)
class Task:
    """Whom to speak for, to whom, and for how long."""

    server: Server
    cluster: str
    term: int
    generation: int
    hold: float
    """Seconds for which the leader holds a call that has no news."""
    keys: Mapping[str, str]
    warm_up: float
    seconds: float


@dataclass
class Observed:
    """What the agents saw while it was measured."""

    since: float
    hold: float
    service: list[float] = field(default_factory=list)
    """Seconds from request to answer, without the time for which the leader held the call."""
    held: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def note(self, reply: Reply, *, elapsed: float) -> None:
        """An answer came."""
        if time.monotonic() < self.since:
            return
        held = not reply.has_news and reply.wait == 0
        self.held += held
        self.service.append(max(0.0, elapsed - self.hold) if held else elapsed)

    def fail(self, error: Exception) -> None:
        """No answer came, or none that a sync is answered with."""
        if time.monotonic() >= self.since:
            self.failures[str(error) or type(error).__name__] += 1


class Agent:
    """One node's sync loop."""

    def __init__(self, node_id: str, key: OKPKey, task: Task) -> None:
        self._node_id = node_id
        self._key = key
        self._task = task
        self._issuer = TokenIssuer()
        self._connection = Connection(task.server)
        self._backoff = Backoff()
        self._facts_at = float("-inf")

    async def run(self, observed: Observed) -> None:
        """Begin at some moment of the first two thirds of the warm-up, and never stop."""
        await asyncio.sleep(random.uniform(0, self._task.warm_up * 2 / 3))
        while True:
            await asyncio.sleep(await self._sync(observed))

    async def _sync(self, observed: Observed) -> float:
        began = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await self._connection.post(self._body(began), token=self._token())
            reply = parse_reply(answer)
        except FAILURES as error:
            self._connection.close()
            observed.fail(error)
            return self._backoff.next_pause()
        elapsed = time.monotonic() - began
        observed.note(reply, elapsed=elapsed)
        self._backoff.reset()
        return 0.0 if reply.has_news else jittered(max(reply.wait, SHORTEST_PAUSE - elapsed, 0.0))

    def _token(self) -> str:
        return self._issuer.issue(self._key, issuer=self._node_id, audience=self._task.cluster)

    def _body(self, now: float) -> bytes:
        is_new = now - self._facts_at > FACTS_SECONDS
        if is_new:
            self._facts_at = now
        body: dict[str, Any] = {
            "term": self._task.term,
            "generation": self._task.generation,
            "applied_generation": self._task.generation,
            "facts": FACTS | {"load": [self._facts_at, 0.0, 0.0]} if is_new else None,
            "facts_digest": hashlib.sha256(str(self._facts_at).encode()).hexdigest(),
            "health": HEALTH,
            "inventory_digest": "",
            "results": [],
            "path": "public",
        }
        return json.dumps(body).encode()


FACTS = Facts(fqdn="simulated.lab.test", vpn_interface="wg0").sample().facts
PEER = {"node_id": 1, "endpoint": "192.0.2.1:55820", "handshake_age": 12}
HEALTH = {
    "vpn": {"state": "up", "reason": "", "peers": [PEER]},
    "refused_state": None,
    "clock_offset": 0,
}


async def simulate(task: Task) -> dict[str, Any]:
    """Run all agents; returns what was seen in the measured time."""
    observed = Observed(since=time.monotonic() + task.warm_up, hold=task.hold)
    agents = [Agent(number, signing.load_private(key), task) for number, key in task.keys.items()]
    running = [asyncio.create_task(agent.run(observed)) for agent in agents]
    await asyncio.sleep(task.warm_up)
    began, used = time.monotonic(), time.process_time()
    print("measuring", flush=True)
    await asyncio.sleep(task.seconds)
    seconds, used = time.monotonic() - began, time.process_time() - used
    for agent in running:
        agent.cancel()
    return {
        "seconds": seconds,
        "cpu_seconds": used,
        "service": [round(figure, 4) for figure in observed.service],
        "held": observed.held,
        "failures": observed.failures,
    }


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    told = json.load(sys.stdin)
    asked = Task(server=Server(**told.pop("server")), **told)
    print(json.dumps(asyncio.run(simulate(asked))), flush=True)
