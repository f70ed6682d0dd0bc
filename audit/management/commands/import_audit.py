"""``manage.py import_audit FILE``: look into a trail that is not this one any more."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actor import Actor
from audit.archive.importing import import_archive
from audit.models import ImportedArchive
from config.commands import RootCommand


class Command(RootCommand):
    """Takes in an archive or a sealed export, read-only, beside this node's own trail (S59)."""

    help = "Import an archive or a sealed export of an audit trail, to look into it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--key", default="", help="identity key of the node that signed, of another cluster"
        )
        parser.add_argument(
            "--unsigned", action="store_true", help="also where nobody signed the file"
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        archive, is_new = _import(Path(options["file"]), options)
        done = f"{archive.count} events imported, as archive {archive.pk}."
        known = f"Archive {archive.pk} has these {archive.count} events already."
        self.answer(_describe(archive, is_new=is_new), text=done if is_new else known)


def _import(path: Path, options: dict[str, Any]) -> tuple[ImportedArchive, bool]:
    try:
        return import_archive(
            path, actor=Actor.root(), key=options["key"], unsigned=options["unsigned"]
        )
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _describe(archive: ImportedArchive, *, is_new: bool) -> dict[str, object]:
    return {
        "archive": archive.pk,
        "new": is_new,
        "events": archive.count,
        "signed_by": archive.signer,
    }
