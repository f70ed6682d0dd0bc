"""What a later leader must know of logs: how long they are kept. Not the logs."""

from collections.abc import Mapping
from typing import Any

from cluster.models import LogSettings

FIELDS = ("keep_days", "keep_gib")


def export() -> dict[str, Any]:
    """JSON-ready."""
    settings = LogSettings.load()
    return {name: getattr(settings, name) for name in FIELDS}


def restore(described: Mapping[str, Any]) -> None:
    """Replace what is here, in the caller's transaction; an earlier release does not say."""
    LogSettings.objects.all().delete()
    LogSettings.objects.create(**{name: described[name] for name in FIELDS if name in described})
