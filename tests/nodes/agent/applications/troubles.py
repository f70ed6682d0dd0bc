"""What comes in between, and what an application leaves."""

from typing import Any

from tests.nodes.agent.applications.conftest import Yard

DATA = [{"name": "data", "path": "/data"}]
HTTP: dict[str, Any] = {
    "ports": [{"container": 80, "host": 8080}],
    "health": {"kind": "http", "port": 80},
}


def leftovers(yard: Yard) -> list[Any]:
    return [
        yard.podman.containers,
        yard.podman.volumes,
        yard.podman.secrets,
        yard.entries.all(),
        yard.standing,
    ]


NOTHING: list[Any] = [{}, set(), {}, [], {}]
