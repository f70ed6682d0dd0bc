"""What root's commands have in common that are for the leader, and so most of them."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.errors import NotTheLeader
from config.commands import RootCommand

FOLLOWERS = frozenset({"worker", "deposed"})
"""Roles that hold at most a copy of the accounts."""


class LeaderCommand(RootCommand):
    """Says on any other node where to run it."""

    leader_only = True
    """Whether the command is refused on a worker and on a former leader."""

    def check_machine(self) -> None:
        if self.leader_only:
            check_is_leader()


def check_is_leader() -> None:
    """Accounts are changed where they are kept; raises ``NotTheLeader``, which names the leader."""
    identity = _read_identity(Path(settings.FLOTILLA.NODE_FILE))
    if identity.get("role") in FOLLOWERS:
        leader = identity.get("leader") or {}
        raise NotTheLeader(role=identity["role"], leader=leader.get("fqdn", "not known"))


def _read_identity(path: Path) -> dict[str, Any]:
    try:
        identity: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return identity
