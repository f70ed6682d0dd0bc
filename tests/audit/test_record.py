"""What one event holds (S44, S56)."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import Administrator
from accounts.services import create_administrator
from audit.actions import AuditAction
from audit.actor import Actor
from audit.errors import AuditUnavailable
from audit.models import AuditEvent, AuditHead
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db


def test_event_says_who_did_what_to_which_target_from_where_with_what_result() -> None:
    operation = uuid4()
    actor = person("ann", request_id="r-1", user_agent="Firefox")

    make_event(AuditAction.NODE_CHANGED, actor=actor, operation=operation, details={"a": 1})

    event = AuditEvent.objects.get()
    assert (event.user, event.user_kind, event.interface) == ("ann", "administrator", "api")
    assert (event.action, event.sentence, event.outcome) == ("node.changed", "changed a node", "ok")
    assert (event.target_kind, event.target_id, event.node) == ("node", "3", 3)
    assert (event.source, event.user_agent, event.request_id) == ("192.0.2.7", "Firefox", "r-1")
    assert (event.operation, event.details) == (operation, {"a": 1})


def test_event_says_how_the_user_was_verified() -> None:
    make_event(actor=Actor.root())

    event = AuditEvent.objects.get()
    assert (event.user_kind, event.verified) == ("root", "root shell")


def test_event_belongs_to_the_term_that_the_node_knows(node_file: Path) -> None:
    node_file.write_text(json.dumps({"role": "leader", "node_id": 1, "term": 7}))

    make_event()
    make_event(term=8)

    assert list(AuditEvent.objects.order_by("id").values_list("term", flat=True)) == [7, 8]


def test_ids_have_no_gap_after_a_change_that_was_undone() -> None:
    make_event()
    with transaction.atomic():
        make_event()
        transaction.set_rollback(True)

    make_event()

    assert list(AuditEvent.objects.order_by("id").values_list("id", flat=True)) == [1, 2]


def test_change_and_event_stand_or_fall_together() -> None:
    with transaction.atomic():
        create_administrator(actor=person(), username="bob")
        transaction.set_rollback(True)

    assert not AuditEvent.objects.exists()
    assert not Administrator.objects.exists()


def test_time_grows_with_the_id_when_the_clock_stands_still() -> None:
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        first, second = make_event(), make_event()

    assert second.time - first.time == timedelta(microseconds=1)


def test_clock_that_went_back_is_noted() -> None:
    first = make_event()

    with time_machine.travel(timezone.now() - timedelta(minutes=5)):
        second = make_event()

    assert second.time > first.time
    assert 299 < second.details["clock_went_back_seconds"] < 301


def test_text_that_no_database_holds_is_replaced() -> None:
    event = make_event(actor=person("a\x00b\ud800"), details={"x\x00": "y\udfff"})

    event.refresh_from_db()
    assert event.user == "a\ufffdb\ufffd"
    assert event.details == {"x\ufffd": "y\ufffd"}


def test_long_details_are_cut_with_a_digest() -> None:
    event = make_event(details={"text": "é" * 20_000})

    event.refresh_from_db()
    assert set(event.details) == {"cut", "bytes", "sha256"}
    assert event.details["bytes"] > 40_000
    assert len(event.details["cut"].encode()) <= 8 * 1024


def test_long_names_are_cut() -> None:
    event = make_event(actor=person("u" * 500, user_agent="a" * 500))

    assert (len(event.user), len(event.user_agent)) == (150, 256)


def test_system_and_root_have_names() -> None:
    assert Actor.system().name == "system"
    assert Actor.root().name.startswith("root@")


def test_unwritable_trail_stops_the_change() -> None:
    """The change does not happen when its event cannot be written."""
    make_event()
    with without_triggers():
        AuditHead.objects.update(last_id=0)

    with pytest.raises(AuditUnavailable):
        create_administrator(actor=person(), username="bob")

    assert not Administrator.objects.exists()


def test_event_of_a_newer_version_is_shown_by_its_name() -> None:
    event = AuditEvent(user="ann", action="moon.landed")

    assert str(event) == "ann moon.landed"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_database_refuses_to_change_or_delete_an_event(change: str) -> None:
    make_event()
    events = AuditEvent.objects.filter(id=1)

    with pytest.raises(DatabaseError), transaction.atomic():
        events.update(user="eve") if change == "update" else events.delete()

    assert AuditEvent.objects.get().user == "ann"


def test_event_is_saved_once() -> None:
    event = make_event()
    event.user = "eve"

    with pytest.raises(DatabaseError), transaction.atomic():
        event.save()
    with pytest.raises(TypeError):
        event.delete()

    assert AuditEvent.objects.get().user == "ann"
