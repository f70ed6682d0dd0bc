"""The other nodes on the network, as far as a test has them answer."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from cluster.transport import Answer, Unreachable
from tests.cluster.fleets import Fleet


class Network:
    """Implements ``Transport``: each node's answer by its name, and nobody else is there."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.hangs = False
        self.over = threading.Event()

    def call(
        self,
        method: str,
        url: str,
        *,
        fingerprint: str | None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        name = url.removeprefix("https://").partition(".")[0]
        if self.hangs:
            self.over.wait(5)
        if name not in self.answers:
            raise Unreachable("connection refused")
        return Answer(200, self.answers[name])


@pytest.fixture
def network(settings: Any) -> Network:
    settings.TRANSPORT = made = Network()
    return made


def says(fleet: Fleet, *, role: str = "worker", ahead: int = 0, **more: Any) -> dict[str, Any]:
    status = fleet.agents[3].status()
    held = {"term": 1, "generation": status["generation"] + ahead}
    return {"cluster": status["cluster"], "role": role, "term": 1, "held": held} | more
