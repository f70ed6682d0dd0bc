"""Is the cluster well? What somebody sees first, also at three in the morning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit.models import AuditEvent
from cluster.models import FollowUp, Operation
from cluster.views import fleet_map
from cluster.views.health import cluster_sentence
from cluster.views.measures import Measure, main_measures
from cluster.views.page import LivePage
from cluster.views.shared import SharedPart
from nodes.models import Contact, Node
from nodes.role import Role, current

MOST_CARDS = 16
EVENTS = 10
OPERATIONS = 5


@dataclass(frozen=True, slots=True)
class Card:
    """A node, and its bars while it is online: old figures would mislead."""

    node: Node
    measures: list[Measure]


class OverviewPage(SharedPart, LivePage):
    """One sentence, what is left to do, the nodes, their VPN, and what happened last."""

    template_name = "cluster/overview.html"
    fragment_name = "cluster/overview_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        nodes = list(Node.objects.members().select_related("contact"))
        cards, is_old = choose_cards(nodes), current().role == Role.DEPOSED
        return super().get_context_data(
            sentence=cluster_sentence(current(), nodes),
            cards=cards,
            count=len(nodes),
            is_partial=len(cards) < len(nodes),
            is_old=is_old,
            map=None if is_old else fleet_map.draw(nodes),
            follow_ups=list(FollowUp.objects.open()),
            operations=Operation.objects.select_related("node")[:OPERATIONS],
            events=AuditEvent.objects.all()[:EVENTS],
            **context,
        )


def choose_cards(nodes: Sequence[Node]) -> list[Card]:
    """The nodes by number; of many, those first that are not online."""
    chosen = nodes
    if len(nodes) > MOST_CARDS:
        chosen = sorted(nodes, key=lambda node: node.status == Node.Status.ONLINE)[:MOST_CARDS]
    return [Card(node, _measures(node)) for node in chosen]


def _measures(node: Node) -> list[Measure]:
    contact: Contact | None = getattr(node, "contact", None)
    if contact is None or node.status != Node.Status.ONLINE:
        return []
    return main_measures(contact.facts)
