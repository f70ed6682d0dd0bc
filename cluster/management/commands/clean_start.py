"""``manage.py clean_start [--yes]``: on a machine that was removed from its cluster."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actor import Actor
from cluster.errors import ConfirmationMismatch
from cluster.management.root import ClusterCommand
from cluster.services.clean_start import check_removed, clean_start

EXPECTED = "clean"


class Command(ClusterCommand):
    """Makes a removed machine forget its cluster; it can then create or join one (S21)."""

    help = "Make a removed machine forget its cluster. What runs on it keeps running."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run_as_root(self, options: dict[str, Any]) -> None:
        present = check_removed()
        if not options["yes"]:
            self.say(f"{present.fqdn} will forget its cluster and get new keys.")
            if self.ask(EXPECTED) != EXPECTED:
                raise ConfirmationMismatch(field="confirmation", expected=EXPECTED)
        clean_start(actor=Actor.root())
        self.answer({"role": "uninitialised"}, text="This machine can create or join a cluster.")
