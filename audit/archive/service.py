"""Archiving now, because somebody asks for it."""

from functools import partial

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive.retention import last_due
from audit.archived import archived_until
from audit.errors import NothingToArchive
from audit.services import record
from config.celery import send


@transaction.atomic
def request_archiving(*, actor: Actor) -> None:
    """Have what has stayed long enough moved now; raises ``NothingToArchive``."""
    last = last_due()
    if not last:
        raise NothingToArchive
    details = {"from": archived_until() + 1, "to": last}
    record(AuditAction.AUDIT_ARCHIVING_REQUESTED, actor=actor, details=details)
    transaction.on_commit(partial(send, "audit.tasks.archive_now"))
