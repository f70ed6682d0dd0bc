"""What a later leader must know of logs: how long they are kept, who is sent them. Not the logs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cluster.models import LogForwarding, LogSettings

FIELDS = ("keep_days", "keep_gib")
RECEIVER_FIELDS = ("host", "port", "tls", "certificate")


def export() -> dict[str, Any]:
    """JSON-ready."""
    settings = LogSettings.load()
    kept = {name: getattr(settings, name) for name in FIELDS}
    return kept | {"forwarding": _describe(LogForwarding.objects.first())}


def restore(described: Mapping[str, Any]) -> None:
    """Replace what is here, in the caller's transaction; an earlier release does not say."""
    LogSettings.objects.all().delete()
    LogSettings.objects.create(**{name: described[name] for name in FIELDS if name in described})
    LogForwarding.objects.all().delete()
    forwarding = described.get("forwarding")
    if forwarding:
        begun_at = datetime.fromisoformat(forwarding["begun_at"])
        values = {name: forwarding[name] for name in RECEIVER_FIELDS}
        LogForwarding.objects.create(begun_at=begun_at, **values)


def _describe(row: LogForwarding | None) -> dict[str, Any] | None:
    if row is None:
        return None
    values = {name: getattr(row, name) for name in RECEIVER_FIELDS}
    return values | {"begun_at": row.begun_at.isoformat()}
