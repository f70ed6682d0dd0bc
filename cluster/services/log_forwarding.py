"""Deciding where the logs are forwarded to, trying it, and seeing how it goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.forwarding.receiver import Receiver
from audit.forwarding.trial import try_receiver
from audit.services import record
from cluster import state
from cluster.logs.forwarding.batch import count_waiting
from cluster.logs.forwarding.delivery import begin_of, progress_of, receiver_of
from cluster.logs.forwarding.progress import Progress, load
from cluster.logs.store import folder
from cluster.models import LogForwarding
from cluster.services.queries import lock_cluster

PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the logs go, and how far this machine's files have come; ``behind`` in bytes."""

    receiver: Receiver | None
    progress: Progress
    behind: int

    @property
    def away_since(self) -> datetime | None:
        return _moment(self.progress.away_since)

    @property
    def taken_at(self) -> datetime | None:
        return _moment(self.progress.taken_at)


def get_standing() -> Standing:
    """Now; the receiver is None where nothing is forwarded."""
    row = LogForwarding.objects.first()
    if row is None:
        return Standing(None, Progress(), 0)
    progress = progress_of(row)
    behind = count_waiting(folder(), progress.taken, begin=begin_of(row))
    return Standing(receiver_of(row), progress, behind)


def long_away() -> Progress | None:
    """How it stands with a receiver that has been away for so long that people should know."""
    since = _moment(load(folder()).away_since)
    if since is None or timezone.now() - PATIENCE < since:
        return None
    row = LogForwarding.objects.first()
    progress = progress_of(row) if row else Progress()
    return progress if progress.away_since else None


@transaction.atomic
def change_log_forwarding(receiver: Receiver, *, actor: Actor) -> None:
    """Send there what arrives from now on, and what the receiver before had not taken.

    Raises ``PlaceUnknown``, ``CertificateUnreadable``.
    """
    receiver.check()
    lock_cluster()
    row = LogForwarding.objects.first()
    before = receiver_of(row) if row else None
    if before == receiver:
        return
    values = {name: getattr(receiver, name) for name in ("host", "port", "tls", "certificate")}
    changed, _ = LogForwarding.objects.update_or_create(pk=1, defaults=values)
    state.bump()
    details = {"before": before.describe() if before else {}, "after": receiver.describe()}
    action, target = AuditAction.LOG_FORWARDING_CHANGED, changed.audit_target
    record(action, actor=actor, target=target, details=details)


@transaction.atomic
def stop_log_forwarding(*, actor: Actor) -> None:
    """Send nothing any more; what was not sent yet is not sent."""
    lock_cluster()
    row = LogForwarding.objects.first()
    if row is None:
        return
    details = {"before": receiver_of(row).describe(), "after": {}}
    LogForwarding.objects.all().delete()
    state.bump()
    action, target = AuditAction.LOG_FORWARDING_STOPPED, row.audit_target
    record(action, actor=actor, target=target, details=details)


def send_test(receiver: Receiver, *, actor: Actor) -> None:
    """One message to a receiver that need not be stored; raises what ``try_receiver`` does."""
    target = LogForwarding(host=receiver.host, port=receiver.port).audit_target
    action = AuditAction.LOG_FORWARDING_TESTED
    try_receiver(receiver, actor=actor, action=action, target=target)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
