"""An installation of an image that the node has: how much longer it takes than podman itself."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.lab import containers, fleet, membership
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.waiting import eventually

ROUNDS, QUICK_ROUNDS = 5, 2
BEYOND = 2.0
"""Seconds."""
WITHIN, POLL = 60.0, 0.02
NAME, PORT = "site", containers.PORT
SITE: dict[str, Any] = {
    "node": 2,
    "name": NAME,
    "image": containers.IMAGE,
    "ports": [{"container": PORT}],
    "volumes": [{"name": "data", "path": "/data"}],
    "health": {"kind": "http", "port": PORT, "seconds": 30},
}
BARE = (
    *("podman", "run", "--detach", "--pull=never", f"--name={NAME}"),
    *(f"--publish={PORT}:{PORT}/tcp", "--volume=data:/data", containers.IMAGE),
)


@dataclass(frozen=True)
class Round:
    """Seconds until the same image answers, one after the other."""

    podman: float
    """From starting ``podman run``."""
    product: float
    """From the acknowledged request until its operation succeeded and it is shown as healthy."""

    @property
    def beyond(self) -> float:
        """What the product adds."""
        return self.product - self.podman


def measure(*, quick: bool) -> Section:
    """On a worker, by turns; nothing is left between two."""
    with hosts.a_lab(nodes=2) as lab:
        ships = fleet.found(lab, joined=2, max_nodes=4)
        containers.make_image(ships.hosts[2], says="ahoy")
        return _report(list(_rounds(ships, count=QUICK_ROUNDS if quick else ROUNDS)))


def _rounds(ships: Fleet, *, count: int) -> Iterator[Round]:
    ships.wait_until_whole(size=2, within=WITHIN)
    for _ in range(count):
        yield Round(podman=_run_bare(ships.hosts[2]), product=_install(ships))
        _remove(ships)


def _run_bare(host: Host) -> float:
    began = time.monotonic()
    host.exec(*BARE)
    eventually(lambda: containers.answer(host) == "ahoy", within=WITHIN, every=POLL)
    seconds = time.monotonic() - began
    containers.remove(host, NAME)
    host.exec("podman", "volume", "rm", "data")
    return seconds


def _install(ships: Fleet) -> float:
    eventually(lambda: not _listed(ships), within=WITHIN)  # the node has told of the bare one
    answer = expect(ships.api("POST", "applications/", SITE), 202)
    began = time.monotonic()
    _succeed(ships, answer.body["operation"]["id"])
    path = f"applications/{_listed(ships)[0]['id']}/"
    eventually(
        lambda: expect(ships.api("GET", path), 200).body["health"] == "healthy",
        within=WITHIN,
        every=POLL,
    )
    return time.monotonic() - began


def _remove(ships: Fleet) -> None:
    path = f"applications/{_listed(ships)[0]['id']}/"
    body = {"confirmation": NAME, "wipe_volumes": True}
    answer = expect(ships.api("DELETE", path, body), 202)
    _succeed(ships, answer.body["operation"]["id"])


def _succeed(ships: Fleet, operation: str) -> None:
    def ended() -> dict[str, Any]:
        found = expect(ships.api("GET", f"operations/{operation}/"), 200).body
        return dict(found) if found["state"] in membership.ENDED else {}

    found = eventually(ended, within=WITHIN, every=POLL)
    if found["state"] != "succeeded":
        raise AssertionError(found)


def _listed(ships: Fleet) -> list[dict[str, Any]]:
    return list(expect(ships.api("GET", f"applications/?name={NAME}"), 200).body["results"])


def _report(rounds: list[Round]) -> Section:
    rows = [(number, each.podman, each.product, each.beyond) for number, each in enumerate(rounds)]
    beyond = [each.beyond for each in rounds]
    return Section(
        f"An installation of an image that the node has, {len(rounds)} times",
        (
            Figure("Beyond podman run, longest", max(beyond), "s", BEYOND),
            Figure("Beyond podman run, median", figures.median(beyond), "s"),
            Figure("podman run, median", figures.median(each.podman for each in rounds), "s"),
            Figure("Installation, median", figures.median(each.product for each in rounds), "s"),
        ),
        (figures.table(("round", "podman run, s", "installation, s", "beyond, s"), rows),),
    )
