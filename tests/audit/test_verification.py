"""Whoever changes the trail, even with the database's own password, is found out."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override

from audit import reasons, verification
from audit.chain import GENESIS, event_hash
from audit.models import AuditEvent, AuditHead, AuditRound
from audit.tasks import verify_events
from audit.verification import verify
from audit.views import verification as views
from config.wording import in_words
from tests.accounts.factories import api_client, browser, make_administrator
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail() -> None:
    """Ten events."""
    for number in range(1, 11):
        make_event(details={"number": number})


def tamper(change: Callable[[Any], object]) -> None:
    """Do what the triggers forbid."""
    with without_triggers():
        change(AuditEvent.objects)


def swap(events: Any) -> None:
    events.filter(id=4).update(id=99)
    events.filter(id=5).update(id=4)
    events.filter(id=99).update(id=5)


@pytest.mark.usefixtures("trail")
def test_untouched_trail_is_intact() -> None:
    report = verify()

    assert report.is_intact
    assert (report.checked, report.head) == (10, AuditEvent.objects.get(id=10).hash)


def test_empty_trail_is_intact() -> None:
    assert verify().is_intact


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        (lambda events: events.filter(id=4).update(user="eve"), 4),
        (lambda events: events.filter(id=4).update(action="node.joined"), 4),
        (lambda events: events.filter(id=4).update(outcome="failed"), 4),
        (lambda events: events.filter(id=4).update(target_label="x"), 4),
        (lambda events: events.filter(id=4).update(source="192.0.2.8"), 4),
        (lambda events: events.filter(id=4).update(details={"number": 5}), 4),
        (lambda events: events.filter(id=4).update(details_salt="00" * 16), 4),
        pytest.param(
            lambda events: events.filter(id=4).update(details_salt="no number"),
            4,
            marks=pytest.mark.skipif(
                connection.vendor != "sqlite", reason="Only SQLite keeps digits as text"
            ),
        ),
        (lambda events: events.filter(id=4).update(operation=UUID(int=1)), 4),
        (lambda events: events.filter(id=4).update(node=None), 4),
        (lambda events: events.filter(id=4).update(term=9), 4),
        (lambda events: events.filter(id=4).update(verified="token"), 4),
        (lambda events: events.filter(id=4).update(version=1), 4),
        (lambda events: events.filter(id=4).update(time=F("time") + timedelta(microseconds=1)), 4),
        (lambda events: events.filter(id=4).update(time=F("time") - timedelta(days=1)), 4),
        (lambda events: events.filter(id=4).update(hash="0" * 64), 4),
        (swap, 4),
        (lambda events: events.filter(id=4).delete(), 4),
        (lambda events: events.filter(id=1).delete(), 1),
        (lambda events: events.filter(id=10).delete(), 10),
        (lambda events: events.filter(id__gte=8).delete(), 8),
    ],
)
def test_first_bad_event_is_named(change: Callable[[Any], object], first_bad: int) -> None:
    tamper(change)

    report = verify()

    assert report.first_bad is not None
    assert (report.first_bad.id, report.checked) == (first_bad, first_bad - 1)


def test_every_kind_of_value_is_verified_as_it_was_recorded() -> None:
    """The hash is of what was given, its verification is of what the database stores."""
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        make_event(details={"Größe": '\U0001f6a2 \u0007 \\ "', "list": [1.5, None, True]})
    make_event(target=None, operation=uuid4(), actor=person("Ünï|\n'\"", source=None))

    assert verify().checked == 2
    assert verify().is_intact


@pytest.mark.usefixtures("trail")
def test_text_moved_to_the_neighbouring_field_is_found() -> None:
    """Each field stands behind its own length."""
    tamper(lambda events: events.filter(id=4).update(target_kind="nod", target_id="e3"))

    assert verify().first_bad is not None


@pytest.mark.usefixtures("trail")
def test_event_put_behind_the_end_is_found() -> None:
    extra = AuditEvent.objects.get(id=10)
    extra.pk = 11
    extra.save()

    report = verify()

    assert report.first_bad is not None
    assert report.first_bad.id == 11


@pytest.mark.usefixtures("trail")
def test_tail_that_was_cut_with_the_head_set_back_is_continued_but_shorter() -> None:
    """Only a checkpoint kept elsewhere tells that; the chain alone fits."""
    with without_triggers():
        AuditEvent.objects.filter(id__gt=8).delete()
    AuditHead.objects.update(last_id=8, last_hash=AuditEvent.objects.get(id=8).hash)

    assert verify().checked == 8


def rewrite_last(**values: Any) -> str:
    """As somebody does who knows how a hash is made; the new one."""
    with without_triggers():
        AuditEvent.objects.filter(id=10).update(**values)
        event = AuditEvent.objects.get(id=10)
        event.hash = event_hash(event, previous=AuditEvent.objects.get(id=9).hash)
        AuditEvent.objects.filter(id=10).update(hash=event.hash)
    return event.hash


@pytest.mark.usefixtures("trail")
def test_last_event_that_was_rewritten_is_not_the_one_that_the_trail_ended_with() -> None:
    rewrite_last(user="eve")

    assert verify().first_bad == verification.Problem(10, reasons.OTHER_END)


@pytest.mark.usefixtures("trail")
def test_event_that_was_put_before_the_one_it_follows_is_found_although_its_hash_fits() -> None:
    earlier = rewrite_last(time=AuditEvent.objects.get(id=9).time - timedelta(seconds=1))
    AuditHead.objects.update(last_hash=earlier)

    assert verify().first_bad == verification.Problem(10, reasons.NOT_LATER)


def test_event_of_the_first_version_still_fits() -> None:
    """Its hash covers neither the term nor how the user was verified."""
    make_event()
    with without_triggers():
        AuditEvent.objects.update(version=1)
        event = AuditEvent.objects.get()
        event.hash = event_hash(event, previous=GENESIS)
        AuditEvent.objects.update(hash=event.hash)
    AuditHead.objects.update(last_hash=event.hash)

    assert verify().is_intact


@pytest.mark.usefixtures("trail")
def test_searched_text_is_not_part_of_the_chain() -> None:
    tamper(lambda events: events.update(search_text=""))

    assert verify().is_intact


@pytest.mark.usefixtures("trail")
def test_command_says_that_all_is_well() -> None:
    out = io.StringIO()

    call_command("verify_audit", stdout=out)

    assert out.getvalue() == "10 events, all as they were written.\n"


@pytest.mark.usefixtures("trail")
def test_command_names_the_first_bad_event() -> None:
    tamper(lambda events: events.filter(id=4).update(user="eve"))
    out = io.StringIO()

    with pytest.raises(CommandError, match="Event 4 is not what was recorded"):
        call_command("verify_audit", "--json", stdout=out)

    report = json.loads(out.getvalue())
    assert (report["ok"], report["checked"], report["first_bad"]["id"]) == (False, 3, 4)


@pytest.mark.usefixtures("trail")
def test_api_names_the_first_bad_event() -> None:
    client = api_client(make_administrator("ann"))
    assert client.get("/api/v1/audit/verification/").json()["ok"] is True

    tamper(lambda events: events.filter(id=4).update(user="eve"))

    report = client.get("/api/v1/audit/verification/").json()
    assert (report["ok"], report["first_bad"]["id"]) == (False, 4)


@pytest.mark.usefixtures("trail")
def test_page_names_the_first_bad_event() -> None:
    client = browser(make_administrator("ann"))
    assert "Nobody has looked at the whole trail yet" in page(client)
    assert "events are as they were written" in page(client, again=True)

    tamper(lambda events: events.filter(id=4).update(user="eve"))

    assert "events are as they were written" in page(client)
    assert "Event 4 is not what was recorded" in page(client, again=True)


@pytest.mark.usefixtures("trail")
def test_long_trail_is_verified_behind_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "CHUNK", 2)
    monkeypatch.setattr(views, "AT_ONCE", -1)
    client = browser(make_administrator("ann"))

    assert "2 of 11 so far" in page(client, again=True)
    verify_events()

    found = page(client)
    assert "so far" not in found
    assert "All 11 events are as they were written" in found


def page(client: Client, *, again: bool = False) -> str:
    """The page, after another look at everything where that is asked for."""
    if again:
        assert client.post("/audit/verification/").status_code == 302
    return client.get("/audit/verification/").content.decode()


@pytest.mark.parametrize("address", ["/audit/verification/", "/audit/"])
def test_reason_is_told_in_the_language_of_the_page(address: str) -> None:
    """With whatever it names; it is stored in English."""
    when = "2026-11-22 05:00:00 UTC"
    said = reasons.REMEMBERED.format(who=reasons.THIS_MACHINE, time=when)
    AuditRound.objects.create(bad_id=4, bad_reason=said, verified_at=timezone.now())
    client = browser(make_administrator("ann", language="it"))

    told = f"Evento 4 manca: questa macchina lo ricorda, {when}. Il registro finisce prima"
    assert told in client.get(address).content.decode()


@pytest.mark.parametrize("reason", reasons.ALL, ids=range(len(reasons.ALL)))
def test_each_reason_is_recognised(reason: str) -> None:
    values = {"name": "audit-1-9.zip", "who": "node3", "time": "2026-11-22 05:00:00 UTC"}
    stored = reason.format(**values)

    with override("it"):
        assert in_words(stored) == gettext(reason).format(**values) != stored
