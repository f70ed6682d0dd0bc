"""``manage.py create_cluster --label --vpn-network --endpoint``."""

import argparse
from typing import Any

from django.core.management.base import CommandParser

from audit.actor import Actor
from cluster.management.root import ClusterCommand, describe
from cluster.services.creation import request_create


class Command(ClusterCommand):
    """Makes this machine the leader of a new cluster, and prints the recovery key once."""

    help = "Make this machine the leader of a new cluster."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--label", required=True, help="what people call the cluster")
        parser.add_argument(
            "--vpn-network", default="10.5.4.0/24", help="private and used nowhere else"
        )
        parser.add_argument(
            "--endpoint", required=True, help="name:port where the other nodes reach this one"
        )
        parser.add_argument("--max-nodes", type=int, help="4 unless said otherwise")
        parser.add_argument(
            "--wait",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="wait for the end; without, the operation goes on by itself",
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        operation, recovery_key = request_create(
            actor=Actor.root(),
            label=options["label"],
            vpn_network=options["vpn_network"],
            endpoint=options["endpoint"],
            max_nodes=options["max_nodes"],
        )
        if options["wait"]:
            self.follow(operation)
        state = "is created" if options["wait"] else "is being created"
        self.answer(
            describe(operation) | {"recovery_key": recovery_key},
            text=f"The cluster {state}. Its recovery key, shown this once: keep it elsewhere.\n"
            f"{recovery_key}",
        )
