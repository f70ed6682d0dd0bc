"""The end of the trail, signed every thousand events or minute: what others remember of it."""

from datetime import timedelta

import structlog
from django.utils import timezone

from audit.models import AuditHead, Checkpoint
from audit.surroundings import current_term, custodian
from config.errors import DomainError

EVERY = 1_000
"""Events."""
PAUSE = timedelta(minutes=1)
log = structlog.get_logger(__name__)


def is_due() -> bool:
    """Whether it is time for one; without new events it never is."""
    head, last = AuditHead.objects.first() or AuditHead(), newest()
    if last is None or last.term != current_term():
        return head.last_id > 0
    more = head.last_id - last.count
    return more >= EVERY or (more != 0 and timezone.now() - last.time >= PAUSE)


def make() -> Checkpoint | None:
    """The next checkpoint, unless the node's agent does not sign it.

    It signs nothing that contradicts what it remembers; ``audit.testimony`` tells what that is.
    """
    head = AuditHead.objects.get()
    try:
        signed = custodian().sign_checkpoint(count=head.last_id, hash=head.last_hash)
    except DomainError as error:
        log.warning("checkpoint_not_signed", code=error.code, detail=error.detail)
        return None
    made, _ = Checkpoint.objects.get_or_create(
        trail=signed.trail,
        term=signed.term,
        count=signed.count,
        defaults={"hash": signed.hash, "time": signed.time, "jws": signed.jws},
    )
    return made


def signed_again_after() -> int | None:
    """The event that the trail has to pass until its end is signed again: an older copy of it was
    put back, and this machine remembers more of the same term. None where it signs.
    """
    head, term = AuditHead.objects.first() or AuditHead(), current_term()
    try:
        told = custodian().own_checkpoints()
    except DomainError:
        return None
    most = max((one.count for one in told if one.term == term), default=0)
    return most if most > head.last_id else None


def newest() -> Checkpoint | None:
    """Of this node's own trail."""
    return Checkpoint.objects.filter(trail=custodian().trail).first()
