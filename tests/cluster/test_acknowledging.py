"""An older copy of the trail was restored: the alarm is settled for what is known, and no more."""

import io
import os
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit import checkpoints
from audit.acknowledging import acknowledge
from audit.actor import Actor
from audit.errors import ContradictionsChanged, NothingToAcknowledge
from audit.models import Acknowledgement, Archive, AuditEvent, AuditRound, Checkpoint
from audit.rounds import verify_everything
from audit.testimony import contradictions, digest_of, plain
from cluster import custody
from tests.accounts.factories import log_in_directly, make_administrator
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.cluster.factories import Newcomer
from tests.cluster.witnessing import cut, forget, rewrite, settle, sync, witnessed

__all__ = ["witnessed"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _told_already(settings: Any) -> None:
    settings.AUDIT_WITNESSES = "tests.audit.sealing.ask_nobody"


@pytest.fixture
def restored(witnessed: Newcomer, local_agent: Any) -> Newcomer:
    """The leader's trail is an older copy, and node 2 says so."""
    cut(Checkpoint.objects.get().count - 5)
    forget(local_agent)
    settle(witnessed)
    custody.entrust(None, everything=True)
    sync(witnessed)
    custody.hear()
    assert not verify_everything().is_intact
    return witnessed


def grow(member: Newcomer) -> None:
    """The trail is longer than the one that was, and node 2 remembers that."""
    for _ in range(20):
        make_event()
    custody.entrust(checkpoints.make())
    sync(member)
    custody.hear()


@pytest.mark.usefixtures("restored")
def test_what_is_known_is_no_alarm_any_more_and_is_recorded() -> None:
    remembered = contradictions()[-1]

    acknowledge(actor=Actor.root())

    assert verify_everything().is_intact
    assert AuditRound.objects.get().bad_id is None
    event = AuditEvent.objects.get(action="audit.acknowledged")
    assert event.user_kind == "root"
    assert event.details["last"] == remembered._asdict()


def test_it_stays_settled_while_the_trail_grows_over_it(restored: Newcomer) -> None:
    acknowledge(actor=Actor.root())

    grow(restored)

    assert verify_everything().is_intact


def test_another_contradiction_is_an_alarm_again(restored: Newcomer, local_agent: Any) -> None:
    acknowledge(actor=Actor.root())
    grow(restored)
    newest = Checkpoint.objects.latest("count").count
    rewrite(newest - 2)
    forget(local_agent)

    custody.entrust(None, everything=True)
    sync(restored)
    custody.hear()

    report = verify_everything()
    assert report.first_bad is not None
    assert report.first_bad.id == newest


def test_trail_that_is_shorter_than_what_was_signed_says_when_it_is_signed_again(
    witnessed: Newcomer,
) -> None:
    """The database was restored, and this machine remembers what it signed in the same term."""
    before = Checkpoint.objects.get().count
    cut(before - 5)
    acknowledge(actor=Actor.root())
    shown = Client()
    log_in_directly(shown, make_administrator())

    assert checkpoints.make() is None
    assert checkpoints.signed_again_after() == before
    assert f"after event {before}." in shown.get("/audit/verification/").content.decode()
    output = io.StringIO()
    call_command("verify_audit", stdout=output)
    assert f"Its end is signed again after event {before}." in output.getvalue()

    for _ in range(6):
        make_event()
    made = checkpoints.make()

    assert made is not None
    assert made.count > before
    assert checkpoints.signed_again_after() is None


@pytest.mark.usefixtures("restored")
def test_row_without_its_event_counts_for_nothing() -> None:
    """Whoever writes into the database cannot settle an alarm in silence."""
    memories = plain(contradictions())
    Acknowledgement.objects.create(digest=digest_of(memories), memories=memories, made_after=0)

    assert not verify_everything().is_intact


@pytest.mark.usefixtures("restored")
def test_row_that_was_changed_counts_for_nothing() -> None:
    acknowledge(actor=Actor.root())
    row = Acknowledgement.objects.get()
    row.memories = [*row.memories, [999, "0" * 64]]
    row.save()

    assert not verify_everything().is_intact


@pytest.mark.usefixtures("restored")
def test_it_stays_settled_when_the_event_has_left_for_an_archive() -> None:
    acknowledge(actor=Actor.root())
    event = AuditEvent.objects.get(action="audit.acknowledged")
    with without_triggers():
        AuditEvent.objects.filter(id__lte=event.pk).delete()
        Archive.objects.create(
            name="audit.zip",
            first_id=1,
            last_id=event.pk,
            previous_hash="0" * 64,
            last_hash=event.hash,
            first_time=event.time,
            last_time=event.time,
            bytes=1,
            sha256="0" * 64,
            made_at=event.time,
        )

    assert contradictions() == []


def test_there_has_to_be_something(witnessed: Newcomer) -> None:
    with pytest.raises(NothingToAcknowledge):
        acknowledge(actor=Actor.root())


@pytest.mark.usefixtures("restored")
def test_what_nobody_has_seen_is_not_acknowledged() -> None:
    with pytest.raises(ContradictionsChanged):
        acknowledge(actor=Actor.root(), digest="0" * 64)

    assert not Acknowledgement.objects.exists()


@pytest.fixture
def browser() -> Client:
    client = Client()
    log_in_directly(client, make_administrator("ann"))
    return client


@pytest.mark.usefixtures("restored")
def test_page_says_what_is_remembered_and_takes_the_word(browser: Client) -> None:
    page = browser.get("/audit/verification/")
    assert "Was an older copy restored?" in page.text

    after = browser.post(
        "/audit/verification/acknowledge/", {"seen": page.context["seen"]}, follow=True
    )

    assert "are as they were written" in after.text
    assert "Was an older copy restored?" not in after.text
    assert AuditEvent.objects.get(action="audit.acknowledged").user == "ann"


@pytest.mark.usefixtures("restored")
def test_page_that_is_outdated_settles_nothing(browser: Client) -> None:
    after = browser.post("/audit/verification/acknowledge/", {"seen": "x"}, follow=True)

    assert "is not what was shown any more" in after.text
    assert not Acknowledgement.objects.exists()


@pytest.mark.usefixtures("restored")
def test_root_does_it_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    out = io.StringIO()

    call_command("verify_audit", "--acknowledge", stdout=out)

    assert "all as they were written" in out.getvalue()
    with pytest.raises(CommandError, match="nothing_to_acknowledge"):
        call_command("verify_audit", "--acknowledge", stdout=out)


@pytest.mark.usefixtures("restored")
def test_others_than_root_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CommandError, match="needs root"):
        call_command("verify_audit", "--acknowledge")
