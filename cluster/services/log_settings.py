"""How long the leader keeps logs."""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import state
from cluster.models import LogSettings
from cluster.services.queries import lock_cluster


@transaction.atomic
def change_log_settings(*, actor: Actor, keep_days: int, keep_gib: int) -> LogSettings:
    """Keep them longer or shorter; what is too much goes within ten minutes."""
    lock_cluster()
    settings, wanted = LogSettings.load(), {"keep_days": keep_days, "keep_gib": keep_gib}
    changes = {
        name: {"from": getattr(settings, name), "to": value}
        for name, value in wanted.items()
        if value != getattr(settings, name)
    }
    if changes:
        settings.keep_days, settings.keep_gib = keep_days, keep_gib
        settings.save()
        state.bump()
        action, target = AuditAction.LOG_SETTINGS_CHANGED, settings.audit_target
        record(action, actor=actor, target=target, details=changes)
    return settings
