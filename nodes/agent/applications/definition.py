"""What an application shall be: checked by the leader before it is sent, and by the node again."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nodes.agent import checks
from nodes.agent.applications.errors import (
    DefinitionInvalid,
    HostNetworkRefused,
    HostPathRefused,
    PrivilegedRefused,
)
from nodes.agent.applications.parts import Health, Port, Volume

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
IMAGE = re.compile(
    r"(?=.{1,255}\Z)(?!-)(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9.-]+:[0-9]{1,5})"
    r"(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""With its registry: which one a short name means depends on the node. One that began with ``-``
would be an option of podman's, and what follows it another image.
"""
WITH_REGISTRY = "names its registry, such as docker.io/library/nginx:1.27"
ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.tar(?:\.gz)?")
ROLE = re.compile(r"[a-z][a-z-]{0,31}|")
DOMAIN = re.compile(r"(?:" + checks.HOST.pattern + r")|", re.ASCII)
NETWORKS = ("own", "host")
ALLOWANCES = ("host_paths", "host_network", "privileged")
"""What an administrator may allow in the cluster, one by one."""
MOST, MOST_VARIABLES = 30, 100
LEAST_MEMORY, MOST_MEMORY = 8, 1024 * 1024
LONGEST_VALUE = 4096
NOT_ASKED = Health()


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything about an application but its secrets' values."""

    name: str
    image: str
    archive: str = ""
    """A file of the node's image directory that has the image."""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None
    secrets: tuple[str, ...] = ()
    """Names of environment variables."""
    ports: tuple[Port, ...] = ()
    volumes: tuple[Volume, ...] = ()
    health: Health = NOT_ASKED
    memory: int = 0
    """MiB at most; 0 for no limit."""
    role: str = ""
    domain: str = ""
    network: str = "own"
    privileged: bool = False

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> "Definition":
        """Raises DefinitionInvalid."""
        strange = sorted(set(map(str, source)) - set(cls.__slots__))
        if strange:
            raise _invalid(strange[0][:40], "There is nothing of this name in a definition")
        definition = cls(
            name=_matching(source, "name", NAME, "has a to z, 0 to 9 and -, at most 40"),
            image=_matching(source, "image", IMAGE, WITH_REGISTRY),
            archive=_archive(source),
            command=_texts(source, "command"),
            environment=_environment(source),
            secrets=_variables(source, "secrets"),
            ports=tuple(map(Port.parse, _list(source, "ports"))),
            volumes=tuple(map(Volume.parse, _list(source, "volumes"))),
            health=Health.parse(source.get("health") or {}),
            memory=_memory(source),
            role=_label(source, "role", ROLE, "is a word such as account-provider"),
            domain=_label(source, "domain", DOMAIN, "is a domain's name"),
            network=_network(source),
            privileged=_boolean(source, "privileged"),
        )
        definition._check_together()
        return definition

    def to_json(self) -> dict[str, Any]:
        """What ``parse`` reads."""
        return asdict(self) | {"environment": dict(self.environment or {})}

    def check_allowed(self, allowed: Collection[str]) -> None:
        """Raises PrivilegedRefused, HostNetworkRefused, HostPathRefused."""
        if self.privileged and "privileged" not in allowed:
            raise PrivilegedRefused(field="privileged")
        if self.network == "host" and "host_network" not in allowed:
            raise HostNetworkRefused(field="network")
        foreign = next((volume.source for volume in self.volumes if volume.is_foreign), None)
        if foreign and "host_paths" not in allowed:
            raise HostPathRefused(field="volumes", path=foreign)

    def _check_together(self) -> None:
        _check_once([(port.host, port.protocol) for port in self.ports], field="ports")
        _check_once([volume.path for volume in self.volumes], field="volumes")
        both = set(self.secrets) & set(self.environment or {})
        if both:
            raise _invalid("secrets", f"{min(both)} is a secret and a plain variable")
        tcp = {port.container for port in self.ports if port.protocol == "tcp"}
        if self.health.kind != "none" and self.health.port not in tcp:
            raise _invalid("health", f"{self.health.port} is none of the TCP ports above")
        moved = [port for port in self.ports if port.host != port.container]
        if self.network == "host" and moved:
            raise _invalid("ports", "In the node's own network a port cannot be another one")


def _invalid(field: str, problem: str) -> DefinitionInvalid:
    return DefinitionInvalid(field=field, problem=problem)


def _matching(source: Mapping[str, Any], name: str, form: re.Pattern[str], rule: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise _invalid(name, f"{name.capitalize()} {rule}")
    return value


def _label(source: Mapping[str, Any], name: str, form: re.Pattern[str], rule: str) -> str:
    return _matching({name: source.get(name) or ""}, name, form, rule)


def _archive(source: Mapping[str, Any]) -> str:
    if not source.get("archive"):
        return ""
    return _matching(source, "archive", ARCHIVE, "is the name of a file such as site.tar")


def _list(source: Mapping[str, Any], name: str) -> list[Any]:
    values = source.get(name) or []
    if not isinstance(values, list | tuple) or len(values) > MOST:
        raise _invalid(name, f"{name.capitalize()} is a list of at most {MOST} entries")
    return list(values)


def _texts(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_text(value, name) for value in _list(source, name))


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_VALUE or not value.isprintable():
        raise _invalid(field, "A value is one line of at most 4096 printable characters")
    return value


def _variables(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = _texts(source, name)
    _check_once(list(values), field=name)
    for value in values:
        _check_variable(value, field=name)
    return values


def _environment(source: Mapping[str, Any]) -> dict[str, str]:
    values = source.get("environment") or {}
    if not isinstance(values, dict) or len(values) > MOST_VARIABLES:
        raise _invalid("environment", f"There are at most {MOST_VARIABLES} variables")
    for name in values:
        _check_variable(name, field="environment")
    return {name: _text(value, "environment") for name, value in values.items()}


def _check_variable(name: Any, *, field: str) -> None:
    if not isinstance(name, str) or not VARIABLE.fullmatch(name):
        raise _invalid(field, f"{str(name)[:64]!r} is no name of a variable, such as LOG_LEVEL")


def _memory(source: Mapping[str, Any]) -> int:
    value = source.get("memory") or 0
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or (value and not LEAST_MEMORY <= value <= MOST_MEMORY):
        raise _invalid("memory", f"Memory is {LEAST_MEMORY} to {MOST_MEMORY} MiB, or nothing")
    return int(value)


def _network(source: Mapping[str, Any]) -> str:
    value = source.get("network") or NETWORKS[0]
    if value not in NETWORKS:
        raise _invalid("network", "Network is own or host")
    return str(value)


def _boolean(source: Mapping[str, Any], name: str) -> bool:
    value = source.get(name, False)
    if not isinstance(value, bool):
        raise _invalid(name, f"{name.capitalize()} is true or false")
    return value


def _check_once(values: list[Any], *, field: str) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        first = twice[0] if isinstance(twice, tuple) else twice
        raise _invalid(field, f"{first} is there twice")
