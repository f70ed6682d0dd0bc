"""Deciding where the trail is forwarded to, trying it, and seeing how it goes."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit import replica
from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.bounds import read_bounds
from audit.forwarding import place
from audit.forwarding.receiver import Receiver
from audit.forwarding.trial import try_receiver
from audit.models import Forwarding, ForwardingPlace
from audit.services import record

PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the trail goes, and how far it has come."""

    receiver: Receiver | None
    place: ForwardingPlace
    behind: int


def get_standing() -> Standing:
    """Now; the receiver is None where nothing is forwarded."""
    row = Forwarding.objects.first()
    if row is None:
        return Standing(None, ForwardingPlace(), 0)
    found = ForwardingPlace.objects.first() or ForwardingPlace()
    return Standing(Receiver.of(row), found, place.count_behind(found))


def long_away() -> Standing | None:
    """How it stands with a receiver that has been away for so long that people should know."""
    missed = ForwardingPlace.objects.filter(away_since__lt=timezone.now() - PATIENCE)
    return get_standing() if missed.exists() else None


@transaction.atomic
def change_forwarding(receiver: Receiver, *, actor: Actor, whole_trail: bool = False) -> None:
    """Forward every event there from now on, beginning with this one; ``whole_trail`` sends all
    that the trail shows.

    Whatever the receiver before had not taken goes to the new one. Raises ``PlaceUnknown``,
    ``CertificateUnreadable``.
    """
    receiver.check()
    row = Forwarding.objects.select_for_update().first()
    before = Receiver.of(row) if row else None
    if before == receiver and not whole_trail:
        return
    values = {name: getattr(receiver, name) for name in ("host", "port", "tls", "certificate")}
    Forwarding.objects.update_or_create(pk=1, defaults=values)
    replica.changed()
    event = record(
        AuditAction.AUDIT_FORWARDING_CHANGED,
        actor=actor,
        target=_target(receiver),
        details={
            "before": before.describe() if before else {},
            "after": receiver.describe(),
            "whole_trail": whole_trail,
        },
    )
    if whole_trail:
        place.begin(after=read_bounds().start - 1)
    elif before is None:
        place.begin(after=event.pk - 1)
    else:
        place.begin_again()


@transaction.atomic
def stop_forwarding(*, actor: Actor) -> None:
    """Tell nobody any more; what was not sent yet is not sent."""
    row = Forwarding.objects.select_for_update().first()
    if row is None:
        return
    receiver = Receiver.of(row)
    behind = get_standing().behind
    Forwarding.objects.all().delete()
    ForwardingPlace.objects.all().delete()
    replica.changed()
    record(
        AuditAction.AUDIT_FORWARDING_STOPPED,
        actor=actor,
        target=_target(receiver),
        details={"before": receiver.describe(), "after": {}, "not_sent": behind},
    )


def send_test(receiver: Receiver, *, actor: Actor) -> None:
    """One message to a receiver that need not be stored; raises what ``try_receiver`` does."""
    action = AuditAction.AUDIT_FORWARDING_TESTED
    try_receiver(receiver, actor=actor, action=action, target=_target(receiver))


def _target(receiver: Receiver) -> Target:
    return Target(kind="syslog", id="1", label=str(receiver))
