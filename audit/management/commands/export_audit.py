"""``manage.py export_audit FILE``: take the trail along."""

import sys
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser
from django.http import QueryDict

from audit.actor import Actor
from audit.export.service import Export, ExportFormat, export
from audit.filters import EventFilter
from audit.search.question import Question
from config.commands import RootCommand

SEVERAL = ("user", "action", "outcome")
ONE = ("target", "source", "since", "until", "operation", "q")


class Command(RootCommand):
    """Writes the events that fit the filters to a file, oldest first."""

    help = "Export the audit trail, or what fits the filters, to a new file (- is the output)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help="a file that does not exist yet, or -")
        parser.add_argument("--format", choices=ExportFormat.values, default="sealed")
        for name in SEVERAL:
            parser.add_argument(f"--{name}", action="append", help="may be given several times")
        for name in ONE:
            parser.add_argument(f"--{name}", help=str(EventFilter.base_filters[name].label))

    def run_as_root(self, options: dict[str, Any]) -> None:
        question, name = _question(options), options["file"]
        if name == "-":
            _write(_export(question, options), sys.stdout.buffer)
            return
        try:
            with Path(name).open("xb") as target:
                Path(name).chmod(0o600)
                made = _export(question, options)
                _write(made, target)
        except OSError as error:
            raise CommandError(f"{name} cannot be written: {error.strerror}.") from error
        tally = made.tally
        report = {"file": name, "count": tally.count, "first": tally.first, "last": tally.last}
        self.answer(report, text=f"{tally.count} events in {name}.")


def _question(options: dict[str, Any]) -> Question:
    """By the same filters as page and API; raises CommandError."""
    given = QueryDict(mutable=True)
    for name in (*SEVERAL, *ONE):
        value = options[name] or []
        given.setlist(name, value if isinstance(value, list) else [value])
    asked = EventFilter(given)
    if not asked.is_valid():
        field, errors = next(iter(asked.errors.items()))
        raise CommandError(f"--{field}: {errors[0]}")
    return asked.question


def _export(question: Question, options: dict[str, Any]) -> Export:
    return export(question, actor=Actor.root(), form=ExportFormat(options["format"]))


def _write(made: Export, target: BinaryIO) -> None:
    for chunk in made.chunks:
        target.write(chunk)
