"""Installing on the second node of a lab's cluster, through the leader's API."""

from typing import Any

from tests.lab import containers, membership
from tests.lab.client import Answer
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.waiting import eventually

WITHIN = 30
PORT = containers.PORT
SITE: dict[str, Any] = {
    "node": 2,
    "name": "web",
    "image": containers.IMAGE,
    "ports": [{"container": PORT}],
    "volumes": [{"name": "data", "path": "/data"}],
    "health": {"kind": "http", "port": PORT, "seconds": 10},
}


def managed(ships: Fleet) -> list[dict[str, Any]]:
    """What was installed from the leader."""
    return list(expect(ships.api("GET", "applications/?managed=true"), 200).body["results"])


def end(ships: Fleet, answer: Answer, *, within: float = WITHIN) -> dict[str, Any]:
    """The operation that was accepted, when it has ended."""
    number = expect(answer, 202).body["operation"]["id"]

    def ended() -> dict[str, Any]:
        operation = expect(ships.api("GET", f"operations/{number}/"), 200).body
        return dict(operation) if operation["state"] in membership.ENDED else {}

    return eventually(ended, within=within, every=0.05)


def install(ships: Fleet, **changes: Any) -> dict[str, Any]:
    """The end of an installation of the site, unless ``changes`` say otherwise."""
    return end(ships, ships.api("POST", "applications/", SITE | changes))


def remove_all(ships: Fleet) -> None:
    """Every application, and what it has stored."""
    for each in managed(ships):
        body = {"confirmation": each["name"], "wipe_volumes": True}
        end(ships, ships.api("DELETE", f"applications/{each['id']}/", body))


def outcome(operation: dict[str, Any]) -> tuple[str, str | None]:
    return operation["state"], operation["error"] and operation["error"]["code"]


def is_bare(host: Host) -> bool:
    """Whether nothing of an application is on the host."""
    listed = [
        host.exec("podman", "ps", "--all", "--quiet").stdout,
        host.exec("podman", "volume", "ls", "--quiet").stdout,
        host.exec("podman", "secret", "ls", "--format={{.ID}}").stdout,
    ]
    kept = [*(host.state_dir / "applications").glob("*/definition.json")]
    return not any(each.strip() for each in listed) and not kept
