"""What the cluster asks of all administrators alike (S49)."""

from django.db import transaction

from accounts import replica
from accounts.errors import OwnSecondFactorFirst
from accounts.models import AccessPolicy, Administrator
from accounts.models.administrator import HAS_FACTOR
from accounts.webauthn.domain import fit_domain
from audit.actions import AuditAction
from audit.actor import Actor, ActorKind
from audit.services import record


def get_policy() -> AccessPolicy:
    """As it is, or as it is before anybody has changed it."""
    return AccessPolicy.objects.first() or AccessPolicy()


@transaction.atomic
def change_policy(
    *, actor: Actor, second_factor_required: bool | None = None, passkey_domain: str | None = None
) -> AccessPolicy:
    """Ask everybody for a second factor, or no longer; bind new passkeys to a domain, or to none.

    Whoever has no factor may from then on only set one up, be it by session or by token. Raises
    ``OwnSecondFactorFirst``, ``PasskeyDomainMalformed`` or ``PasskeyDomainUnfit``.
    """
    if second_factor_required and not _has_second_factor(actor):
        raise OwnSecondFactorFirst()
    wanted: dict[str, object] = {}
    if second_factor_required is not None:
        wanted["second_factor_required"] = second_factor_required
    if passkey_domain is not None:
        wanted["passkey_domain"] = fit_domain(passkey_domain)
    return _change(wanted, actor=actor)


def _change(wanted: dict[str, object], *, actor: Actor) -> AccessPolicy:
    AccessPolicy.objects.get_or_create(pk=1)
    policy = AccessPolicy.objects.select_for_update().get()
    changed = {name: value for name, value in wanted.items() if getattr(policy, name) != value}
    if not changed:
        return policy
    before = {name: getattr(policy, name) for name in changed}
    for name, value in changed.items():
        setattr(policy, name, value)
    policy.save(update_fields=list(changed))
    record(
        AuditAction.ACCESS_POLICY_CHANGED,
        actor=actor,
        target=policy.audit_target,
        details={"before": before, "after": changed},
    )
    replica.changed()
    return policy


def _has_second_factor(actor: Actor) -> bool:
    """Root has none, and needs none."""
    if actor.kind != ActorKind.ADMINISTRATOR:
        return True
    return Administrator.objects.filter(HAS_FACTOR, username=actor.name).exists()
