"""Events that move into archives and leave the table."""

from datetime import timedelta

from django.utils import timezone

from audit.models import Archive, AuditEvent
from tests.audit.append_only import without_triggers


def archive(*, first: int = 1, last: int) -> None:
    """An archive has these events, which are in the table still."""
    end = AuditEvent.objects.get(id=last)
    Archive.objects.create(
        name=f"audit-{first}-{last}.zip",
        first_id=first,
        last_id=last,
        previous_hash="0" * 64,
        last_hash=end.hash,
        first_time=end.time,
        last_time=end.time,
        bytes=1,
        sha256="0" * 64,
        made_at=timezone.now() - timedelta(hours=2),
    )


def leave(*, last: int) -> None:
    """They are in the archive alone."""
    with without_triggers():
        AuditEvent.objects.filter(id__lte=last).delete()
