"""What a node says that runs on it, checked to the last text: it ends up in the database."""

from collections.abc import Mapping
from typing import Any

from nodes.agent import checks
from nodes.models import Application
from nodes.services.applications import Reported

MOST, MOST_PORTS, MOST_LABELS = 500, 50, 50


def read_inventory(source: Mapping[str, Any], name: str) -> tuple[Reported, ...] | None:
    """Optional: most syncs bring only the digest. Raises ValueError."""
    values = source.get(name)
    if values is None:
        return None
    found = tuple(_read(value) for value in _list(values, name, most=MOST))
    if len({(each.engine, each.name) for each in found}) != len(found):
        raise ValueError(f"{name} has an application twice")
    return found


def _read(source: Any) -> Reported:
    if not isinstance(source, dict):
        raise ValueError("an application is not an object")
    engine = checks.text(source, "engine", longest=16)
    if engine not in Application.Engine.values:
        raise ValueError("engine is not known")
    ports = _list(checks.member(source, "ports"), "ports", most=MOST_PORTS)
    return Reported(
        engine=engine,
        name=_filled(source, "name", longest=200),
        image=checks.text(source, "image", longest=300),
        state=_filled(source, "state", longest=32),
        ports=tuple(checks.text({"port": port}, "port", longest=64) for port in ports),
        labels=_labels(checks.mapping(source, "labels")),
    )


def _labels(source: Mapping[str, Any]) -> dict[str, str]:
    if len(source) > MOST_LABELS:
        raise ValueError(f"labels has more than {MOST_LABELS} members")
    return {
        checks.text({"label": key}, "label", longest=128): checks.text(source, key, longest=256)
        for key in source
    }


def _filled(source: Mapping[str, Any], name: str, *, longest: int) -> str:
    value = checks.text(source, name, longest=longest)
    if not value:
        raise ValueError(f"{name} is empty")
    return value


def _list(values: Any, name: str, *, most: int) -> list[Any]:
    if not isinstance(values, list) or len(values) > most:
        raise ValueError(f"{name} is not a list of at most {most}")
    return values
