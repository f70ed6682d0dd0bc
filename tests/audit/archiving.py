"""A trail with old events, and its archives."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from audit.actor import Actor
from audit.archive.making import LINGER, archive_next, purge
from audit.models import Archive, Retention
from tests.audit.factories import make_event


@pytest.fixture(autouse=True)
def sealing(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"
    monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", tmp_path)


@pytest.fixture
def old() -> None:
    """Ten events of long ago, and three of today; what is older than a year moves."""
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        for number in range(1, 11):
            make_event(details={"number": number})
    for number in range(11, 14):
        make_event(details={"number": number})
    Retention.objects.create(days=365)


def archive() -> Archive:
    made = archive_next(actor=Actor.system())
    assert made is not None
    return made


def an_hour_later() -> None:
    with time_machine.travel(timezone.now() + LINGER + timedelta(minutes=1)):
        purge()
