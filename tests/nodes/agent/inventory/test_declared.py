"""What podman publishes no port for has those of its definition."""

from pathlib import Path

import pytest

from nodes.agent.applications.definition import Definition
from nodes.agent.applications.entries import Entries, Entry
from nodes.agent.inventory.applications import Application, make
from nodes.agent.inventory.declared import Declared

WEB = Definition.parse(
    {
        "name": "web",
        "image": "localhost/site:1",
        "network": "host",
        "ports": [{"container": 80}, {"container": 53, "protocol": "udp", "bind": "vpn"}],
    }
)


class Engine:
    """A podman with one container."""

    def __init__(self, *, ports: tuple[str, ...], owner: str) -> None:
        self.found = make(
            "container", "web", state="running", ports=ports, labels={"flotilla.application": owner}
        )

    def marks(self) -> tuple[int, ...]:
        return (7,)

    def applications(self) -> list[Application]:
        return [self.found]


@pytest.mark.parametrize(
    ("owner", "published", "shown"),
    [
        ("web", (), ("80->80/tcp", "10.5.4.2:53->53/udp")),
        ("web", ("8080->80/tcp",), ("8080->80/tcp",)),
        ("", (), ()),
    ],
    ids=["in the node's own network", "published", "not installed from here"],
)
def test_ports_are_shown_of_what_was_installed_from_here(
    owner: str, published: tuple[str, ...], shown: tuple[str, ...], tmp_path: Path
) -> None:
    """S14."""
    entries = Entries(tmp_path)
    entries.save(Entry(WEB, revision=1, image=WEB.image, address="10.5.4.2"))
    declared = Declared(Engine(ports=published, owner=owner), entries)

    [found] = declared.applications()

    assert found.ports == shown
    assert declared.marks() == (7,)


def test_what_has_no_definition_any_more_is_shown_as_podman_says(tmp_path: Path) -> None:
    engine = Engine(ports=(), owner="web")
    assert Declared(engine, Entries(tmp_path)).applications() == [engine.found]
