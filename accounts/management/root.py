"""What root's commands have in common: root only, and most of them on the leader only."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import NotTheLeader
from config.errors import DomainError

FOLLOWERS = frozenset({"worker", "deposed"})
"""Roles that hold at most a copy of the accounts."""


class RootCommand(BaseCommand):
    """Runs with web, celery and broker down: it needs the database and nothing else."""

    requires_system_checks = ()
    speaks_json = False
    leader_only = True
    """Whether the command is refused on a worker and on a former leader."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="speak JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if os.geteuid() != 0:
            raise CommandError("This needs root.")
        self.speaks_json = options.get("json", self.speaks_json)
        try:
            if self.leader_only:
                check_is_leader()
            self.run_as_root(options)
        except DomainError as error:
            if self.speaks_json:
                self.stdout.write(json.dumps(_as_json(error)))
            raise CommandError(error.detail) from None

    def run_as_root(self, options: dict[str, Any]) -> None:
        """What the command does; raises DomainError."""
        raise NotImplementedError

    def answer(self, data: dict[str, Any], *, text: str) -> None:
        """Say what was done, to a program or to a person."""
        self.stdout.write(json.dumps(data) if self.speaks_json else text)


def check_is_leader() -> None:
    """Accounts are changed where they are kept; raises ``NotTheLeader``, which names the leader."""
    identity = _read_identity(Path(settings.FLOTILLA.NODE_FILE))
    if identity.get("role") in FOLLOWERS:
        leader = identity.get("leader") or {}
        raise NotTheLeader(role=identity["role"], leader=leader.get("fqdn", "not known"))


def _as_json(error: DomainError) -> dict[str, Any]:
    return {"error": {"code": error.code, "detail": error.detail, "attr": error.field}}


def _read_identity(path: Path) -> dict[str, Any]:
    try:
        identity: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return identity
