"""``manage.py restore_cluster FILE [--endpoint name:port] [--password-file FILE]``."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actor import Actor
from cluster.management.root import ClusterCommand, describe
from cluster.models import Operation
from cluster.services.queries import get_leader
from cluster.services.restoring import request_restore


class Command(ClusterCommand):
    """Makes this machine, which belongs to no cluster, the leader of one that was backed up."""

    help = "Restore a backup: this machine becomes the leader of the cluster that is in it."
    leader_only = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=Path, help="the backup")
        parser.add_argument(
            "--endpoint", help="name:port where the other nodes will reach this machine's VPN"
        )
        parser.add_argument(
            "--password-file",
            metavar="FILE",
            help="file with the backup password, or - for standard input; without, it is asked for",
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        password = _read_password(options["password_file"])
        self.say("Reading the backup. This takes some seconds …")
        operation = request_restore(
            options["file"],
            actor=Actor.root(),
            password=password,
            endpoint=options["endpoint"],
        )
        self.follow(operation)
        leader = get_leader()
        answer = describe(operation) | {"leader": leader.pk, "console_url": leader.console_url}
        self.answer(answer, text=_sentence(operation, number=leader.pk, url=leader.console_url))


def _sentence(operation: Operation, *, number: int, url: str) -> str:
    return (
        f"This machine leads the cluster “{operation.parameters['label']}” as node{number}. "
        "Its other nodes are not trusted any more: the follow-ups name each. "
        f"Log in as on the old leader: {url}"
    )


def _read_password(source: str | None) -> str:
    """Without the line's end; never from the command line itself."""
    if source is None and sys.stdin.isatty():
        return getpass("Backup password: ")
    if source in (None, "-"):
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return Path(source or "").read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The password cannot be read: {error}") from None
