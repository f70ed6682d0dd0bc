"""Sending the question to every node that is heard, and reading what came back."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cluster.models import Cluster
from cluster.preflight.checks import Preflight
from cluster.preflight.judging import judge
from nodes.models import Command, Node
from nodes.services.commands import send_probe

PATIENCE = timedelta(seconds=6)
"""After which a node that has not answered counts as silent."""


@transaction.atomic
def ask(node: Node) -> list[int]:
    """Have every node that is heard, ``node`` itself included, look at it; gives the commands' ids.

    In the background, and without an audit event: a question changes nothing.
    """
    online = [other for other in _origins() if other.status == Node.Status.ONLINE]
    newest = Cluster.objects.values_list("term", "generation").first()
    return [
        send_probe(other, arguments=_question(node, other, online) | {"newest": newest}).pk
        for other in online
    ]


def read(node: Node, command_ids: Sequence[int]) -> Preflight | None:
    """The answers, judged; None while some are missing and ``PATIENCE`` is not over."""
    missing = Command.objects.filter(pk__in=command_ids, acknowledged_at=None)
    if missing.filter(created_at__gt=timezone.now() - PATIENCE).exists():
        return None
    return conclude(node, command_ids)


def conclude(node: Node, command_ids: Sequence[int]) -> Preflight:
    """The same with what has come so far: who has not answered, has failed."""
    asked = {command.node_id: command for command in Command.objects.filter(pk__in=command_ids)}
    return judge(node, origins=_origins(), asked=asked)


def _origins() -> list[Node]:
    return list(Node.objects.filter(state=Node.State.ACTIVE).select_related("contact"))


def _question(candidate: Node, origin: Node, online: Sequence[Node]) -> dict[str, object]:
    """To the candidate: ping everybody, quietly. To the others: look at it, and ping it where it
    shall be; the leader where it is, because the traffic of the VPN goes that way.
    """
    if origin.pk == candidate.pk:
        others = [other for other in online if other.pk != candidate.pk]
        return {"hosts": [], "ping": [_peer(other.pk) for other in others], "quiet": True}
    host = {"node_id": candidate.pk, "url": candidate.console_url}
    is_pinned = origin.role != Node.Role.LEADER
    peer = _peer(candidate.pk, endpoint=candidate.endpoint, is_pinned=is_pinned)
    return {"hosts": [host], "ping": [peer]}


def _peer(node_id: int, *, endpoint: str = "", is_pinned: bool = False) -> dict[str, object]:
    return {"node_id": node_id, "endpoint": endpoint, "pinned": is_pinned}
