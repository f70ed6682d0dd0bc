"""What an administrator still has to do: noted by operations, settled by people or by facts."""

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import state
from cluster.models import FollowUp
from cluster.models.follow_up import FollowUpQuerySet


@transaction.atomic
def note(
    kind: FollowUp.Kind,
    *,
    detail: str,
    subject: str = "",
    link: str = "",
    node: int | None = None,
) -> FollowUp:
    """Remember what is left to do; while it is open, the same one again changes nothing."""
    follow_up, is_new = FollowUp.objects.open().get_or_create(
        kind=kind, subject=subject, settled_at=None, defaults=_values(detail, link, node)
    )
    if is_new:
        state.bump()
    return follow_up


def _values(detail: str, link: str, node: int | None) -> dict[str, object]:
    return {"detail": detail, "link": link, "node": node}


@transaction.atomic
def settle(follow_up: FollowUp, *, actor: Actor) -> FollowUp:
    """Say that it is done; a second time is no error and changes nothing (S17)."""
    if _settle(FollowUp.objects.filter(pk=follow_up.pk), by=actor.name):
        details = {"detail": follow_up.detail}
        target = follow_up.audit_target
        record(AuditAction.FOLLOW_UP_SETTLED, actor=actor, target=target, details=details)
    follow_up.refresh_from_db()
    return follow_up


@transaction.atomic
def settle_by_system(kind: FollowUp.Kind, *, subject: str = "") -> None:
    """What was to be done has come true by itself."""
    follow_up = FollowUp.objects.open().filter(kind=kind, subject=subject).first()
    if follow_up is not None:
        settle(follow_up, actor=Actor.system())


def _settle(follow_ups: FollowUpQuerySet, *, by: str) -> bool:
    """Guarded: of two who settle it, one does."""
    if not follow_ups.open().update(settled_at=timezone.now(), settled_by=by[:150]):
        return False
    state.bump()
    return True
