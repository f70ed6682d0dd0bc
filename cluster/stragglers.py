"""Nodes that do not follow the present leader yet: named until they do."""

from cluster import follow_ups
from cluster.models import Cluster, FollowUp
from nodes.models import Contact, Node

KIND = FollowUp.Kind.NODE_NOT_FOLLOWING


def find() -> list[int]:
    """Active nodes that were not heard under the present term."""
    term = Cluster.objects.values("term")
    behind = Contact.objects.filter(node__state=Node.State.ACTIVE, term__lt=term)
    return list(behind.order_by("node_id").values_list("node_id", flat=True))


def note() -> None:
    """A follow-up for each."""
    for node_id in find():
        follow_ups.note(
            KIND,
            subject=f"node{node_id}",
            node=node_id,
            link=f"/nodes/{node_id}/",
            detail=f"node{node_id} does not follow the new leader yet. It will by itself when it "
            "is reachable; this entry settles itself then.",
        )


def settle() -> None:
    """Close those of nodes that follow by now, or are no members any more."""
    noted = FollowUp.objects.open().filter(kind=KIND)
    if noted.exists():
        for follow_up in noted.exclude(node__in=find()):
            follow_ups.settle_by_system(KIND, subject=follow_up.subject)
