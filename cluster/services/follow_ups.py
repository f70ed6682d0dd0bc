"""Follow-ups, for edges and services; workflows reach the same functions one level below."""

from cluster.errors.leaving import FollowUpNotFound
from cluster.follow_ups import note, settle, settle_by_system
from cluster.models import FollowUp

__all__ = ["find_follow_up", "note", "settle", "settle_by_system"]


def find_follow_up(follow_up_id: int) -> FollowUp:
    """Raises ``FollowUpNotFound``."""
    follow_up = FollowUp.objects.filter(pk=follow_up_id).first()
    if follow_up is None:
        raise FollowUpNotFound
    return follow_up
