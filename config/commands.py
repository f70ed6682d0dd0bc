"""What all commands have in common: root only, JSON if asked for, and errors with their code."""

import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.errors import DomainError


class RootCommand(BaseCommand):
    """Runs with web, celery and broker down: it needs the database and nothing else."""

    requires_system_checks = ()
    speaks_json = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="speak JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if os.geteuid() != 0:
            raise CommandError("This needs root.")
        self.speaks_json = options.get("json", self.speaks_json)
        try:
            self.check_machine()
            self.run_as_root(options)
        except DomainError as error:
            if self.speaks_json:
                self.stdout.write(json.dumps(_as_json(error)))
            raise CommandError(f"{error.detail} ({error.code})") from None

    def check_machine(self) -> None:
        """Whether this machine is the place for it; raises DomainError."""

    def run_as_root(self, options: dict[str, Any]) -> None:
        """What the command does; raises DomainError."""
        raise NotImplementedError

    def answer(self, data: dict[str, Any], *, text: str) -> None:
        """Say what was done, to a program or to a person."""
        self.stdout.write(json.dumps(data) if self.speaks_json else text)


def _as_json(error: DomainError) -> dict[str, Any]:
    return {"error": {"code": error.code, "detail": error.detail, "attr": error.field}}
