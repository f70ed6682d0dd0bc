"""What the sealed part of the cluster's state holds of the audit trail: its settings, no event."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.models import Forwarding, ForwardingPlace, Retention
from config.announcing import Announcement

RETENTION_FIELDS = ("days", "megabytes")
FORWARDING_FIELDS = ("host", "port", "tls", "certificate")

changed = Announcement()
"""Say, inside the transaction, that what ``export`` returns has changed."""


def export() -> dict[str, Any]:
    """How the leader keeps its trail, as JSON-ready data."""
    return {
        "retention": Retention.objects.values(*RETENTION_FIELDS).first(),
        "forwarding": Forwarding.objects.values(*FORWARDING_FIELDS).first(),
    }


@transaction.atomic
def restore(data: dict[str, Any]) -> None:
    """Replace the settings by those of ``data``; a leader of before there were any says nothing,
    nor does a cluster that is left.
    """
    Retention.objects.all().delete()
    retention = data.get("retention")
    if retention:
        Retention.objects.create(**{name: retention.get(name) for name in RETENTION_FIELDS})
    _restore_forwarding(data.get("forwarding"))


def _restore_forwarding(described: Mapping[str, Any] | None) -> None:
    """A node that led before goes on where it was; another begins with its own term."""
    Forwarding.objects.all().delete()
    if described:
        Forwarding.objects.create(**{name: described[name] for name in FORWARDING_FIELDS})
    else:
        ForwardingPlace.objects.all().delete()
