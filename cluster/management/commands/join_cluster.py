"""``manage.py join_cluster``: the code comes by standard input, never by the command line."""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import CommandParser

from audit.actor import Actor
from cluster.management.root import ClusterCommand, describe
from cluster.services.joining import request_join


class Command(ClusterCommand):
    """Makes this machine a worker of the cluster that gave the code."""

    help = "Join a cluster. The join code is read from standard input, or asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--fqdn", help="this machine's full name, if it is to be another")
        parser.add_argument(
            "--no-tls-verify",
            action="store_true",
            help="send the code to whoever answers; only on a network that you trust",
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        code = getpass("Join code: ") if sys.stdin.isatty() else sys.stdin.read()
        operation = request_join(
            actor=Actor.root(),
            code=code,
            fqdn=options["fqdn"],
            tls_verify=not options["no_tls_verify"],
        )
        self.follow(operation)
        self.answer(describe(operation), text="This machine is a worker of the cluster.")
