"""``manage.py backup_cluster [--output FILE]``."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actor import Actor
from cluster.management.root import ClusterCommand, check_may_change, describe
from cluster.services.backups import BackupFile, find_file, request_backup, take_file


class Command(ClusterCommand):
    """Backs the cluster up as *Back up now* does, also with web, celery and broker down."""

    help = "Back the cluster up, and send the backup to every destination."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--output", metavar="FILE", help="also copy the backup to a file that does not exist"
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        check_may_change()
        target = options["output"] and Path(options["output"])
        if target and target.exists():
            raise CommandError(f"{target} exists already. Nothing was done.")
        operation = request_backup(actor=Actor.root())
        self.follow(operation)
        made = take_file(actor=Actor.root()) if target else find_file()
        if made and target:
            _copy(made, target)
        file = target or (made and made.path)
        answer = describe(operation) | {"file": str(file), "size": made and made.size}
        self.answer(answer, text=f"The cluster is backed up: {file}")


def _copy(made: BackupFile, target: Path) -> None:
    """For its owner only, from the first byte on."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy, made.path.open("rb") as source:
            shutil.copyfileobj(source, copy)
    except OSError as error:
        problem = f"{target} cannot be written: {error.strerror}. The backup is {made.path}."
        raise CommandError(problem) from None
