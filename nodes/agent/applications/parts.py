"""The parts of a definition, checked: ports, volumes and the health check."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodes.agent import checks
from nodes.agent.applications.errors import DefinitionInvalid

VOLUME_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
OWN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
"""One directory, and nothing below it: whoever has the directory could put a link there that leads
anywhere on the node.
"""
ABSOLUTE = re.compile(r"(?=.{1,255}\Z)(?:/[A-Za-z0-9_.@+-]+)+/?")
HIGHEST_PORT = 65535
PROTOCOLS = ("tcp", "udp")
BINDS = ("all", "local", "vpn")
HEALTH_KINDS = ("none", "tcp", "http")
LONGEST_START = 600


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container, and where the node shows it."""

    container: int
    host: int
    protocol: str = "tcp"
    bind: str = "all"
    """``all`` addresses of the node, ``local`` for 127.0.0.1, or ``vpn`` for its VPN address."""

    @classmethod
    def parse(cls, source: Any) -> "Port":
        values = _members(source, "ports", {"container", "host", "protocol", "bind"})
        container = _port(values, "container")
        return cls(
            container=container,
            host=_port({"host": container} | values, "host"),
            protocol=_choice(values, "protocol", PROTOCOLS, field="ports"),
            bind=_choice(values, "bind", BINDS, field="ports"),
        )


@dataclass(frozen=True, slots=True)
class Volume:
    """A directory of the container: a named volume, or a path of the node."""

    path: str
    name: str = ""
    source: str = ""
    """In the application's own directory; with a ``/`` in front, anywhere on the node."""
    read_only: bool = False

    @classmethod
    def parse(cls, source: Any) -> "Volume":
        values = _members(source, "volumes", {"path", "name", "source", "read_only"})
        volume = cls(
            path=str(values.get("path", "")),
            name=str(values.get("name") or ""),
            source=str(values.get("source") or ""),
            read_only=values.get("read_only", False) is True,
        )
        volume._check()
        return volume

    @property
    def is_foreign(self) -> bool:
        """Whether it reaches outside the application's own directory."""
        return self.source.startswith("/")

    def _check(self) -> None:
        if not ABSOLUTE.fullmatch(self.path) or ".." in self.path.split("/"):
            raise _invalid("volumes", f"{self.path!r} is no absolute path in the container")
        if bool(self.name) == bool(self.source):
            raise _invalid("volumes", f"{self.path} needs a volume's name or a path, and not both")
        if self.name and not VOLUME_NAME.fullmatch(self.name):
            raise _invalid("volumes", f"{self.name!r} is no name of a volume, such as data")
        form = ABSOLUTE if self.is_foreign else OWN
        if self.source and (not form.fullmatch(self.source) or ".." in self.source.split("/")):
            raise _invalid("volumes", f"{self.source!r} is neither one directory nor a whole path")


@dataclass(frozen=True, slots=True)
class Health:
    """How the node tells that the application works: by asking one of its ports."""

    kind: str = "none"
    port: int = 0
    """Of the container."""
    path: str = "/"
    seconds: int = 60
    """What a start may take."""

    @classmethod
    def parse(cls, source: Any) -> "Health":
        values = _members(source, "health", {"kind", "port", "path", "seconds"})
        kind = _choice(values, "kind", HEALTH_KINDS, field="health")
        path = str(values.get("path", "/"))
        if not re.fullmatch(r"/[!-~]{0,200}", path):
            raise _invalid("health", f"{path!r} is no path of a URL")
        return cls(
            kind=kind,
            port=_port(values, "port") if kind != "none" else 0,
            path=path,
            seconds=_number(values, "seconds", default=60, most=LONGEST_START, field="health"),
        )


def _invalid(field: str, problem: str) -> DefinitionInvalid:
    return DefinitionInvalid(field=field, problem=problem[:300])


def _members(source: Any, field: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(source, dict):
        raise _invalid(field, "An entry is not an object")
    strange = sorted(set(map(str, source)) - known)
    if strange:
        raise _invalid(field, f"There is nothing called {strange[0]!r} here")
    return source


def _choice(source: Mapping[str, Any], name: str, choices: tuple[str, ...], *, field: str) -> str:
    value = source.get(name, choices[0])
    if value not in choices:
        raise _invalid(field, f"{name} is one of {', '.join(choices)}")
    return str(value)


def _port(source: Mapping[str, Any], name: str) -> int:
    return _number(source, name, default=0, most=HIGHEST_PORT, field="ports")


def _number(source: Mapping[str, Any], name: str, *, default: int, most: int, field: str) -> int:
    try:
        value = checks.number({name: source.get(name, default)}, name)
    except ValueError:
        value = most + 1
    if value > most:
        raise _invalid(field, f"{name} is a number from 1 to {most}")
    return value
