"""``manage.py join_code [--ttl SECONDS]``."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actor import Actor
from cluster.management.root import ClusterCommand, check_may_change
from cluster.services.join_codes import DEFAULT_TTL, create_join_code


class Command(ClusterCommand):
    """Prints a join code, for one machine; standard output has the code and nothing else."""

    help = "Make a join code for one machine."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--ttl", type=int, default=DEFAULT_TTL, help="seconds for which it can be used"
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        check_may_change()
        join_code, text = create_join_code(actor=Actor.root(), ttl_seconds=options["ttl"])
        expires_at = join_code.expires_at.isoformat()
        self.answer({"id": str(join_code.pk), "code": text, "expires_at": expires_at}, text=text)
