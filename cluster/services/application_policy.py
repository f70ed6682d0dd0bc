"""What installed applications may have beyond a container of their own: nothing, at first."""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import state
from cluster.models import ApplicationPolicy
from cluster.services.queries import lock_cluster


@transaction.atomic
def change_application_policy(
    *,
    actor: Actor,
    host_paths: bool | None = None,
    host_network: bool | None = None,
    privileged: bool | None = None,
) -> ApplicationPolicy:
    """Allow or forbid one or the other; None leaves it. What runs already is not touched."""
    cluster, policy = lock_cluster(), ApplicationPolicy.load()
    wanted = {"host_paths": host_paths, "host_network": host_network, "privileged": privileged}
    changes = {
        name: {"from": getattr(policy, name), "to": value}
        for name, value in wanted.items()
        if value is not None and value != getattr(policy, name)
    }
    if changes:
        for name, change in changes.items():
            setattr(policy, name, change["to"])
        policy.save()
        state.bump()
        action = AuditAction.APPLICATION_POLICY_CHANGED
        record(action, actor=actor, target=cluster.audit_target, details=changes)
    return policy
