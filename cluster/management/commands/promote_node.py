"""``manage.py promote_node --node N --vpn-address A --vpn-port P``."""

import time
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from audit.actor import Actor
from cluster.management.root import LOOK_EVERY, ClusterCommand, check_may_change, describe
from cluster.services.confirmation import confirmation_of
from cluster.services.promotion import request_promotion
from nodes import role
from nodes.local_agent import get_local_agent
from nodes.models import Node
from nodes.services.nodes import find_node

FOLLOWING = timedelta(seconds=30)
"""How long this node may take to follow the new leader before the command ends without it."""


class Command(ClusterCommand):
    """Makes another node the leader, and follows the operation to where it goes on."""

    help = "Make another node the leader. The console moves there."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--node", type=int, required=True, help="the new leader's number")
        parser.add_argument(
            "--vpn-address", required=True, help="name or address where the others reach its VPN"
        )
        parser.add_argument("--vpn-port", type=int, required=True, help="UDP port of its VPN")
        parser.add_argument(
            "--no-check",
            action="store_true",
            help="do not look first whether every node reaches it; at your own risk",
        )
        parser.add_argument(
            "--audit-export",
            action="store_true",
            help="have the new leader fetch a sealed export of the audit trail afterwards",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run_as_root(self, options: dict[str, Any]) -> None:
        check_may_change()
        node = find_node(options["node"])
        expected = confirmation_of(node)
        if not options["yes"]:
            self.say(f"{node} will lead the cluster; log in to its console again afterwards.")
        operation = request_promotion(
            node,
            actor=Actor.root(),
            confirmation=expected if options["yes"] else self.ask(expected),
            vpn_address=options["vpn_address"],
            vpn_port=options["vpn_port"],
            check_connectivity=not options["no_check"],
            audit_export=options["audit_export"],
        )
        self.follow(operation)
        follows = self._await_new_leader(node)
        answer = {"leader": node.pk, "console_url": node.console_url, "follows": follows}
        self.answer(describe(operation) | answer, text=_sentence(node, follows=follows))

    def _await_new_leader(self, node: Node) -> bool:
        """The operation goes on there; here it is left to follow. False if that takes too long."""
        until = timezone.now() + FOLLOWING
        while timezone.now() < until:
            status = get_local_agent().status()
            last = status["last_sync"]
            if _is_following(node) and last is not None and last["ok"]:
                return True
            time.sleep(LOOK_EVERY)
        return False


def _is_following(node: Node) -> bool:
    leader = role.current().leader
    return leader is not None and leader.id == node.pk


def _sentence(node: Node, *, follows: bool) -> str:
    here = "This machine follows it." if follows else "This machine does not follow it yet."
    return f"node{node.pk} leads the cluster. {here} The console is at {node.console_url}"
