"""Trying a syslog receiver before it is relied upon, for the trail's events and for the logs."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.forwarding import line
from audit.forwarding.errors import ReceiverFailed
from audit.forwarding.message import format_test, frame
from audit.forwarding.receiver import Receiver
from audit.models import Outcome
from audit.services import record


def try_receiver(receiver: Receiver, *, actor: Actor, action: AuditAction, target: Target) -> None:
    """One message to a receiver that need not be stored; recorded as ``action`` either way.

    Raises ``ReceiverFailed``, ``PlaceUnknown``, ``CertificateUnreadable``. Not in a transaction: it
    waits for another machine.
    """
    receiver.check()
    tell = partial(_record, receiver, actor=actor, action=action, target=target)
    try:
        line.send(receiver, frame(format_test(user=actor.name, at=timezone.now())))
    except ReceiverFailed as failure:
        tell(failure=failure)
        raise
    tell(failure=None)


@transaction.atomic
def _record(
    receiver: Receiver,
    *,
    actor: Actor,
    action: AuditAction,
    target: Target,
    failure: ReceiverFailed | None,
) -> None:
    outcome = Outcome.FAILED if failure else Outcome.OK
    details = receiver.describe() | ({"code": failure.code} if failure else {})
    record(action, actor=actor, target=target, outcome=outcome, details=details)
