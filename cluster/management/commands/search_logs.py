"""``manage.py search_logs [--node N] [--since …] [TEXT]``."""

from datetime import UTC
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cluster.logs.cursor import NoCursor
from cluster.logs.form import LogFilter
from cluster.logs.record import SEVERITIES, Record
from cluster.logs.search import Findings, find
from cluster.management.root import ClusterCommand
from cluster.services.logs import describe, describe_damaged

PATIENCE = 30.0
"""Seconds: nobody else waits for this process."""


class Command(ClusterCommand):
    """Also on a node that led once: what it kept then is searched here (S29)."""

    leader_only = False
    help = "Search the logs that are kept on this node, newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("q", nargs="?", default="", metavar="TEXT")
        parser.add_argument("--node", help="number of the node that said it")
        for name in ("application", "unit", "program"):
            parser.add_argument(f"--{name}", default="")
        parser.add_argument("--severity", default="", choices=SEVERITIES, help="the least severe")
        parser.add_argument("--since", help="a time or a day, UTC")
        parser.add_argument("--until", help="a time or a day, UTC")
        parser.add_argument("--limit", type=int, default=100)
        parser.add_argument("--cursor", default="", help="where the search before has ended")

    def run_as_root(self, options: dict[str, Any]) -> None:
        form = LogFilter({name: options[name] for name in LogFilter.base_fields})
        if not form.is_valid():
            problems = (f"{name}: {errors[0]}" for name, errors in form.errors.items())
            raise CommandError(" ".join(problems))
        try:
            limit = max(1, options["limit"])
            found = find(form.question, limit=limit, cursor=options["cursor"], budget=PATIENCE)
        except NoCursor:
            raise CommandError("This is no cursor of an earlier search.") from None
        self._tell(found)

    def _tell(self, found: Findings) -> None:
        damaged = describe_damaged(found.damaged)
        if not self.speaks_json:
            for file in damaged:
                self.say("Of node{node} on {day} not all could be read.".format(**file))
            if found.cursor:
                self.say(f"There may be more: --cursor {found.cursor}")
        answer = {
            "results": [describe(record) for record in found.records],
            "cursor": found.cursor,
            "damaged": damaged,
        }
        self.answer(answer, text="\n".join(map(_line, found.records)) or "Nothing was found.")


def _line(record: Record) -> str:
    moment = record.received.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    who = record.program or record.unit or record.application
    return f"{moment} node{record.node} {record.severity} {who}: {record.message}"
