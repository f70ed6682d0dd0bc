"""What the sealed part of the cluster's state holds of the audit trail: its settings, no event."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from audit.models import Retention

RETENTION_FIELDS = ("days", "megabytes")

_listeners: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Call ``listener`` in the transaction of every change of what ``export`` returns."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed() -> None:
    """Say, inside the transaction, that replicated settings have changed."""
    for listener in _listeners:
        listener()


def export() -> dict[str, Any]:
    """How the leader keeps its trail, as JSON-ready data."""
    return {"retention": Retention.objects.values(*RETENTION_FIELDS).first()}


@transaction.atomic
def restore(data: dict[str, Any]) -> None:
    """Replace the settings by those of ``data``; a leader of before there were any says nothing."""
    Retention.objects.all().delete()
    retention = data.get("retention")
    if retention:
        Retention.objects.create(**{name: retention.get(name) for name in RETENTION_FIELDS})
