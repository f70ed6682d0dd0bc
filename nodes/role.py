"""What this node is: the role that the agent keeps in ``node.json``, read again whenever the file
changes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings


class Role(StrEnum):
    """What web and celery obey."""

    UNINITIALISED = "uninitialised"
    LEADER = "leader"
    WORKER = "worker"
    REMOVED = "removed"
    DEPOSED = "deposed"


@dataclass(frozen=True)
class LeaderIdentity:
    """The leader that this node follows, or is."""

    id: int
    fqdn: str
    console_url: str
    identity_key: str
    tls_fingerprint: str


@dataclass(frozen=True)
class NodeIdentity:
    """What the agent lets everyone on the machine know."""

    role: Role = Role.UNINITIALISED
    node_id: int | None = None
    cluster: str | None = None
    term: int = 0
    leader: LeaderIdentity | None = None
    fqdn: str = ""
    joining: Mapping[str, Any] | None = None
    reason: str | None = None
    contested: tuple[Mapping[str, Any], ...] = ()
    """Who says that another node leads a later term, and which: ``node_id``, ``term``, ``leader``.
    """
    successor: Mapping[str, Any] | None = None
    """Of a deposed leader: ``id``, ``fqdn``, ``console_url`` and ``term`` of the new one."""
    handed_over: Mapping[str, Any] | None = None
    """The ``term`` and the node (``to``) that this node handed its leadership to."""
    removed: Mapping[str, Any] | None = None
    """When (``at``) this node was removed, and by which ``leader``."""

    @property
    def is_leader(self) -> bool:
        return self.role == Role.LEADER

    @property
    def is_contested(self) -> bool:
        return self.is_leader and bool(self.contested)


@dataclass(frozen=True)
class _Reading:
    version: tuple[str, int, int, int]
    identity: NodeIdentity


_last: _Reading | None = None


def current() -> NodeIdentity:
    """This node's identity now; a machine without ``node.json`` is uninitialised."""
    global _last
    path = Path(settings.FLOTILLA.NODE_FILE)
    try:
        status = path.stat()
    except FileNotFoundError:
        return NodeIdentity(fqdn=settings.FLOTILLA.FQDN)
    version = (str(path), status.st_mtime_ns, status.st_ino, status.st_size)
    if _last is None or _last.version != version:
        _last = _Reading(version, _parse(json.loads(path.read_text())))
    return _last.identity


def _parse(source: Mapping[str, Any]) -> NodeIdentity:
    leader = source.get("leader")
    return NodeIdentity(
        role=Role(source["role"]),
        node_id=source.get("node_id"),
        cluster=source.get("cluster"),
        term=source.get("term") or 0,
        leader=LeaderIdentity(**leader) if leader else None,
        fqdn=source.get("fqdn") or settings.FLOTILLA.FQDN,
        joining=source.get("joining"),
        reason=source.get("reason"),
        contested=tuple(source.get("contested") or ()),
        successor=source.get("successor"),
        handed_over=source.get("handed_over"),
        removed=source.get("removed"),
    )
