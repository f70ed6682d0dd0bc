"""A definition is what it seems, or it is refused by the name of what is wrong."""

from typing import Any

import pytest

from nodes.agent.applications.definition import Definition
from nodes.agent.applications.errors import DefinitionInvalid

GOOD: dict[str, Any] = {"name": "web", "image": "docker.io/library/nginx:1.27"}


def parse(**changes: Any) -> Definition:
    return Definition.parse(GOOD | changes)


def test_it_reads_what_it_writes() -> None:
    definition = parse(
        ports=[{"container": 80, "host": 8080, "bind": "vpn"}],
        volumes=[{"name": "data", "path": "/data"}, {"source": "conf.site", "path": "/conf"}],
        environment={"A": "b=c"},
        secrets=["TOKEN"],
        health={"kind": "http", "port": 80, "path": "/up?x=1"},
        command=["run", "--fast"],
    )
    assert Definition.parse(definition.to_json()) == definition


@pytest.mark.parametrize(
    "image",
    [
        "docker.io/library/nginx",
        "localhost/site:1",
        "localhost:5000/site",
        "registry.example.org:5000/team/app_x/web-1:v1.2",
        "ghcr.io/a/b@sha256:" + "0" * 64,
    ],
)
def test_image_with_its_registry_is_accepted(image: str) -> None:
    assert parse(image=image).image == image


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Web"),
        ("name", "-web"),
        ("name", "w" * 41),
        ("name", "web\n"),
        ("name", ["web"]),
        ("image", "nginx"),
        ("image", "library/nginx"),
        ("image", "--privileged"),
        ("image", "-h.x/y"),
        ("image", "-v:1/y"),
        ("image", "docker.io/nginx --privileged"),
        ("image", "docker.io/nginx:"),
        ("image", None),
        ("archive", "../etc/passwd.tar"),
        ("archive", "site.zip"),
        ("command", "rm -rf /"),
        ("command", ["a\nb"]),
        ("environment", {"1A": "x"}),
        ("environment", {"A": "two\nlines"}),
        ("environment", {"A": 1}),
        ("environment", ["A=1"]),
        ("secrets", ["A-B"]),
        ("secrets", ["A", "A"]),
        ("ports", [{"container": 0}]),
        ("ports", [{"container": 65536}]),
        ("ports", [{"container": "80"}]),
        ("ports", [{"container": True}]),
        ("ports", [{"container": 80, "bind": "10.0.0.1"}]),
        ("ports", [{"container": 80, "protocol": "sctp"}]),
        ("ports", [{"container": 80, "host": 81}, {"container": 82, "host": 81}]),
        ("ports", [{"container": 80, "options": "x"}]),
        ("ports", 80),
        ("volumes", [{"path": "/data"}]),
        ("volumes", [{"path": "data", "name": "data"}]),
        ("volumes", [{"path": "/a/../b", "name": "data"}]),
        ("volumes", [{"path": "/a", "name": "data", "source": "x"}]),
        ("volumes", [{"path": "/a", "source": "../../etc"}]),
        ("volumes", [{"path": "/a", "source": "x/../../etc"}]),
        ("volumes", [{"path": "/a", "source": "x/link-of-a-container"}]),
        ("volumes", [{"path": "/a", "source": "x" * 65}]),
        ("volumes", [{"path": "/" + "a" * 255, "name": "data"}]),
        ("volumes", [{"path": "/a", "source": "/etc/../root"}]),
        ("volumes", [{"path": "/a:rw,suid", "name": "data"}]),
        ("volumes", [{"path": "/a", "name": "a"}, {"path": "/a", "name": "b"}]),
        ("health", {"kind": "http", "port": 80}),
        ("health", {"kind": "exec", "command": "x"}),
        ("memory", 1),
        ("memory", "64m"),
        ("memory", True),
        ("role", "Account provider"),
        ("domain", "-x"),
        ("network", "container:other"),
        ("privileged", "yes"),
        ("cap_add", ["SYS_ADMIN"]),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(field: str, value: Any) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        parse(**{field: value})
    assert refused.value.field == field or field == "health"


def test_secret_is_no_plain_variable_too() -> None:
    with pytest.raises(DefinitionInvalid):
        parse(secrets=["A"], environment={"A": "1"})


def test_port_is_the_same_in_the_nodes_own_network() -> None:
    with pytest.raises(DefinitionInvalid):
        parse(network="host", ports=[{"container": 80, "host": 81}])
