"""The freeze: while leadership moves, nothing replicated changes, so that no acknowledged write is
left behind. It is a lease: it ends by itself when nobody renews it.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from cluster.errors.leadership import LeadershipMoving
from cluster.models import Cluster

LASTS = timedelta(seconds=15)


def is_frozen() -> bool:
    """Whether leadership is moving away from this node just now."""
    return Cluster.objects.filter(frozen_until__gt=timezone.now()).exists()


def check_not_frozen() -> None:
    """Raises ``LeadershipMoving``, for those who would change something."""
    if is_frozen():
        raise LeadershipMoving


def not_frozen(now: datetime) -> Q:
    """The condition under which the cluster may change: part of the very UPDATE that changes it."""
    return Q(frozen_until=None) | Q(frozen_until__lte=now)


def hold(*, lasts: timedelta = LASTS) -> bool:
    """Begin a freeze, or renew the one that holds; False when it had to begin.

    Beginning makes one last generation, in the same UPDATE: whoever changes something at the same
    time comes before it and is part of that generation, or comes after it and is refused.
    """
    now = timezone.now()
    until = now + lasts
    if Cluster.objects.filter(frozen_until__gt=now).update(frozen_until=until):
        return True
    begun = Cluster.objects.filter(not_frozen(now))
    begun.update(frozen_until=until, generation=F("generation") + 1, changed_at=now)
    return False


def thaw() -> None:
    """End the freeze now."""
    Cluster.objects.update(frozen_until=None)
