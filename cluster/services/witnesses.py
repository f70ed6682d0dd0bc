"""Asking the nodes, in a request, what they remember of the audit trail."""

from audit import testimony
from cluster import custody
from cluster.services.answers import await_answers
from nodes import role
from nodes.models import Node

PATIENCE = 2.5
"""Seconds in which a node that works has answered."""


def ask_now() -> None:
    """Have every node that is heard say all that it remembers, and note it."""
    testimony.note_own()
    if not role.current().is_leader:
        return
    sent = custody.entrust(None, everything=True)
    nodes = Node.objects.filter(pk__in=sent).select_related("contact")
    online = [node.pk for node in nodes if node.status == Node.Status.ONLINE]
    await_answers([sent[node_id] for node_id in online], patience=PATIENCE)
    custody.hear()
