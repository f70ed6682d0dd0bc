"""What the database lets happen to archives and to what is in them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Archive, AuditEvent
from tests.audit.archiving import archive, old, sealing

__all__ = ["old", "sealing"]
pytestmark = pytest.mark.django_db


def refused(statement: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        statement()


@pytest.mark.usefixtures("old")
def test_database_lets_only_archived_events_go() -> None:
    archive()

    refused(lambda: AuditEvent.objects.filter(id=11)._raw_delete("default"))
    refused(lambda: AuditEvent.objects.filter(id=3).update(user="eve"))
    AuditEvent.objects.filter(id=3)._raw_delete("default")


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    "values",
    [
        {"first_id": 2},
        {"last_id": 0},
        {"last_id": 99},
        {"last_hash": "ab" * 32},
        {"previous_hash": "ab" * 32},
    ],
    ids=str,
)
def test_database_takes_no_archive_that_does_not_fit(values: dict[str, Any]) -> None:
    last = AuditEvent.objects.get(id=5)
    given = {
        "first_id": 1,
        "last_id": 5,
        "first_time": last.time,
        "last_time": last.time,
        "previous_hash": "0" * 64,
        "last_hash": last.hash,
        "name": "x",
        "sha256": "",
        "bytes": 1,
        "made_at": timezone.now(),
    }

    refused(lambda: Archive.objects.create(**given | values))
    Archive.objects.create(**given)


@pytest.mark.usefixtures("old")
def test_database_never_changes_an_archive() -> None:
    archive()

    refused(lambda: Archive.objects.update(last_id=13))
    refused(lambda: Archive.objects.all()._raw_delete("default"))
