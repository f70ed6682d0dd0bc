"""Containers and pods, asked of podman itself; the machine may have none, or one that hangs."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nodes.agent.inventory.applications import Application, make, port_text
from nodes.agent.vpn.system import ENVIRONMENT

SECONDS = 20.0
DATABASES = ("libpod/bolt_state.db", "db.sql", "db.sql-wal")
"""Below podman's storage: what it writes with every change of a container or a pod."""


class PodmanFailed(Exception):
    """It did not answer as it should; what was known before is still the best guess."""


class Podman:
    """The engine of this machine, if it has one."""

    def __init__(self) -> None:
        self._storage: Path | None = None

    def is_here(self) -> bool:
        return shutil.which("podman") is not None

    def marks(self) -> tuple[int, ...]:
        """What differs after a change, seen without starting a process."""
        if self._storage is None:
            return ()
        return tuple(_modified(self._storage / name) for name in DATABASES)

    def applications(self) -> list[Application]:
        """Every container, running or not, and every pod; raises PodmanFailed."""
        if not self.is_here():
            self._storage = None
            return []
        if self._storage is None:
            self._storage = Path(_run("info", "--format", "{{.Store.GraphRoot}}").strip())
        containers = _read(_run("ps", "--all", "--format", "json"))
        pods = _read(_run("pod", "ps", "--format", "json"))
        return [*_containers(containers), *_pods(pods)]


def _containers(listed: list[dict[str, Any]]) -> Iterator[Application]:
    """Without those that only hold a pod together."""
    for source in listed:
        if source.get("IsInfra") is not True:
            yield make(
                "container",
                _first(source.get("Names")) or _text(source, "Id")[:12],
                image=_text(source, "Image"),
                state=_text(source, "State").lower() or "unknown",
                ports=[_port(port) for port in _objects(source.get("Ports"))],
                labels=_labels(source),
            )


def _pods(listed: list[dict[str, Any]]) -> Iterator[Application]:
    for source in listed:
        state = _text(source, "Status").lower() or "unknown"
        yield make("pod", _text(source, "Name"), state=state, labels=_labels(source))


def _port(source: Mapping[str, Any]) -> str:
    """As a range where it is one."""
    outside, inside = _number(source, "host_port"), _number(source, "container_port")
    more = max(_number(source, "range") - 1, 0)
    return port_text(
        _range(outside, more),
        _range(inside, more),
        address=_text(source, "host_ip"),
        protocol=_text(source, "protocol") or "tcp",
    )


def _range(first: int, more: int) -> str:
    return f"{first}-{first + more}" if more else str(first)


def _labels(source: Mapping[str, Any]) -> dict[str, str]:
    labels = source.get("Labels")
    if not isinstance(labels, dict):
        return {}
    return {str(key): str(value) for key, value in labels.items()}


def _run(*arguments: str) -> str:
    command = ("podman", *arguments)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=ENVIRONMENT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise PodmanFailed(f"podman {arguments[0]}: {error}") from error
    if done.returncode != 0:
        raise PodmanFailed(f"podman {arguments[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def _read(output: str) -> list[dict[str, Any]]:
    try:
        return _objects(json.loads(output or "[]"))
    except ValueError as error:
        raise PodmanFailed("podman: its answer is no JSON") from error


def _objects(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _first(names: Any) -> str:
    return str(names[0]) if isinstance(names, list) and names else ""


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""


def _number(source: Mapping[str, Any], name: str) -> int:
    value = source.get(name)
    return value if isinstance(value, int) else 0


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
