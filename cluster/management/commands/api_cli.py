"""``api-cli run ACTION --data JSON``: the way in that administrators of such systems know (S53)."""

import json
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actions import run
from accounts.management.data import add_data_argument, read_data
from audit.actor import Actor
from cluster.management.actions import ACTIONS
from cluster.management.root import ClusterCommand, describe
from cluster.models import Operation


class Command(ClusterCommand):
    """Runs one action to its end and prints its answer as JSON."""

    help = "Run one action: " + ", ".join(ACTIONS)
    speaks_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["run"])
        parser.add_argument("action", choices=sorted(ACTIONS))
        add_data_argument(parser)

    def run_as_root(self, options: dict[str, Any]) -> None:
        data = read_data(options["data"], stderr=self.stderr)
        answer = run(options["action"], data, actor=Actor.root(), actions=ACTIONS)
        if isinstance(answer, Operation):
            self.follow(answer)
            answer = describe(answer)
        self.stdout.write(json.dumps(answer))
