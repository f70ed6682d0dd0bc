"""``manage.py remove_node --node N [--force] [--yes]``."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actor import Actor
from cluster.management.root import ClusterCommand, check_may_change, describe
from cluster.services.confirmation import confirmation_of
from cluster.services.removal import RemovalPreview, preview_removal, request_removal
from nodes.models import Node
from nodes.services.nodes import find_node


class Command(ClusterCommand):
    """Removes a worker for good, after showing what runs on it (S19, S20)."""

    help = "Remove a worker from the cluster. What runs on it keeps running there."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--node", type=int, required=True, help="the worker's number")
        parser.add_argument(
            "--force", action="store_true", help="also while it is unreachable, with what it runs"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run_as_root(self, options: dict[str, Any]) -> None:
        check_may_change()
        node = find_node(options["node"])
        preview = preview_removal(node)
        expected = confirmation_of(node)
        if not options["yes"]:
            self.say(_sentences(node, preview))
        operation = request_removal(
            node,
            actor=Actor.root(),
            confirmation=expected if options["yes"] else self.ask(expected),
            digest=preview.digest,
            force=options["force"],
        )
        self.follow(operation)
        self.answer(describe(operation), text=f"{expected} is removed. Shut it down to finalise.")


def _sentences(node: Node, preview: RemovalPreview) -> str:
    lines = [f"{node} will be removed for good: it loses all access to this cluster."]
    if not preview.reachable:
        lines.append("It does not answer now. It learns of its removal when it calls again.")
    for each in preview.applications:
        domain = f", a replica of {each.domain}" if each.role else ""
        lines.append(f"  {each.engine} {each.name}{domain}")
    lines.append("What is listed above keeps running on it." if preview.applications else "")
    return "\n".join(line for line in lines if line)
