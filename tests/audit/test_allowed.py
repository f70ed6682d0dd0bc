"""Secrets that are planted in every detail of every action are found nowhere (S59)."""

import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict

from audit.actions import AuditAction
from audit.actor import Actor
from audit.allowed import only_allowed
from audit.export.service import ExportFormat, export
from audit.filters import EventFilter
from audit.forwarding import delivery
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding
from audit.models import AuditEvent
from audit.redaction import REDACTED
from audit.search import index_file
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question
from audit.services import record
from tests.audit.canary import CANARY, CANARY_WORD, holds_canary, planted_details
from tests.audit.factories import person
from tests.audit.syslog_receivers import receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def any_details() -> None:
    """Here only those that are allowed."""


@pytest.fixture
def planted() -> None:
    """In every action: under a name that it does not have, beside, below and inside of others."""
    for action in AuditAction:
        record(action, actor=person(), details=planted_details(action))


def ask(**filters: str) -> Question:
    """The question that these filters ask."""
    asked = EventFilter(QueryDict(urlencode(filters)))
    assert asked.form.is_valid()
    return asked.question


def test_database_and_its_index_hold_none(planted: None) -> None:
    extend(seconds=5)

    rows = str(list(AuditEvent.objects.values())).encode()
    assert not holds_canary(rows)
    assert REDACTED.encode() in rows
    assert not any(holds_canary(path.read_bytes()) for path in index_files())


def index_files() -> list[Path]:
    """Beside SQLite; elsewhere the index is in the database."""
    if connection.vendor != "sqlite":
        return []
    return [path for path in Path(index_file.path()).parent.glob("*audit-index*") if path.is_file()]


def test_search_finds_none(planted: None) -> None:
    for text in (CANARY, CANARY_WORD, CANARY[:6]):
        question = ask(q=text)

        assert find(question, limit=50, before=None).events == []


@pytest.mark.parametrize("form", list(ExportFormat))
def test_export_holds_none(planted: None, form: ExportFormat, tmp_path: Path) -> None:
    made = export(ask(), actor=person(), form=form)
    path = tmp_path / made.name
    path.write_bytes(b"".join(made.chunks))

    whole = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            whole = b"".join(map(archive.read, archive.namelist()))
    assert not holds_canary(whole)


def test_syslog_holds_none() -> None:
    with receiving() as receiver:
        place = Receiver("127.0.0.1", receiver.port, tls=False)
        change_forwarding(place, actor=Actor.system())
        for action in AuditAction:
            record(action, actor=person(), details=planted_details(action))
        delivery.forward(seconds=5)

    assert len(receiver.ids) == len(AuditAction) + 1
    assert not any(map(holds_canary, receiver.taken))


@pytest.mark.parametrize("action", list(AuditAction), ids=str)
def test_detail_that_is_not_named_is_left_out(action: AuditAction) -> None:
    assert only_allowed(action, {"unheard": "x"}) == {"unheard": REDACTED}


def test_what_is_named_stays() -> None:
    details = {"before": {"role": "auditor"}, "after": {"role": "administrator", "pin": "1"}}

    assert only_allowed(AuditAction.ADMINISTRATOR_CHANGED, details) == {
        "before": {"role": "auditor"},
        "after": {"role": "administrator", "pin": REDACTED},
    }
