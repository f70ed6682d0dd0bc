"""What the cluster asks of all administrators alike (S49)."""

from django.db import transaction

from accounts import replica
from accounts.errors import OwnSecondFactorFirst
from accounts.models import AccessPolicy, Administrator
from accounts.models.administrator import HAS_FACTOR
from audit.actions import AuditAction
from audit.actor import Actor, ActorKind
from audit.services import record


def get_policy() -> AccessPolicy:
    """As it is, or as it is before anybody has changed it."""
    return AccessPolicy.objects.first() or AccessPolicy()


@transaction.atomic
def change_policy(*, actor: Actor, second_factor_required: bool) -> AccessPolicy:
    """Ask everybody for a second factor, or no longer.

    Whoever has none may from then on only set one up, be it by session or by token. Raises
    ``OwnSecondFactorFirst``.
    """
    if second_factor_required and not _has_second_factor(actor):
        raise OwnSecondFactorFirst()
    AccessPolicy.objects.get_or_create(pk=1)
    policy = AccessPolicy.objects.select_for_update().get()
    before = policy.second_factor_required
    if before == second_factor_required:
        return policy
    policy.second_factor_required = second_factor_required
    policy.save(update_fields=["second_factor_required"])
    record(
        AuditAction.ACCESS_POLICY_CHANGED,
        actor=actor,
        target=policy.audit_target,
        details={
            "before": {"second_factor_required": before},
            "after": {"second_factor_required": second_factor_required},
        },
    )
    replica.changed()
    return policy


def _has_second_factor(actor: Actor) -> bool:
    """Root has none, and needs none."""
    if actor.kind != ActorKind.ADMINISTRATOR:
        return True
    return Administrator.objects.filter(HAS_FACTOR, username=actor.name).exists()
