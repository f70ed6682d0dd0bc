"""The leader that came back: its late changes, listed and kept; and what it writes down."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.actions import AuditAction
from audit.models import AuditEvent, Outcome
from audit.services import head, record
from cluster import tasks, witness
from cluster.models import Cluster
from cluster.services import returning
from nodes.agent.history import Contest
from nodes.models import Contact
from tests.cluster.factories import ADMIN, add_node
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def state_dir(settings: Any, tmp_path: Path) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path


def change(action: AuditAction = AuditAction.NODE_CHANGED, **values: Any) -> AuditEvent:
    return record(action, actor=ADMIN, **values)


def depose(agent: FakeAgent, *, events: int | None) -> None:
    add_node(3)
    Cluster.objects.update(generation=1)  # the fake agent's document has no node 3
    agent.depose(by=3, term=2, built_on={"term": 1, "generation": 1, "events": events})


def test_what_was_changed_after_the_new_leaders_state_is_late(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    change()
    depose(local_agent, events=head()["count"])
    late = [change(), change()]

    assert [event.pk for event in returning.find_late_writes()] == [late[1].pk, late[0].pk]


def test_login_and_refusal_are_no_late_change(cluster: Cluster, local_agent: FakeAgent) -> None:
    depose(local_agent, events=head()["count"])
    change(AuditAction.LOGIN_SUCCEEDED)
    change(outcome=Outcome.DENIED)

    assert not returning.find_late_writes().exists()


def test_new_leader_that_does_not_say_is_measured_by_its_last_contact(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    depose(local_agent, events=None)
    change()
    Contact.objects.filter(node_id=3).update(last_contact=timezone.now() + returning.UNDER_WAY)

    late = change()

    assert list(returning.find_late_writes()) == [late]


def test_new_leader_that_was_never_heard_from_lists_everything(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    depose(local_agent, events=None)

    assert returning.find_late_writes().count() == AuditEvent.objects.count()


def test_leader_that_works_has_no_late_changes(cluster: Cluster) -> None:
    change()

    assert not returning.find_late_writes().exists()


def test_late_changes_are_kept_as_lines(
    cluster: Cluster, local_agent: FakeAgent, state_dir: Path
) -> None:
    depose(local_agent, events=head()["count"])
    change(details={"label": "late"})

    folder = returning.keep_aside()

    lines = (folder / "late-writes.jsonl").read_text().splitlines()
    assert folder == state_dir / "kept" / "term1"
    assert [json.loads(line)["details"] for line in lines] == [{"label": "late"}]


def test_what_is_kept_is_for_its_owner_alone(cluster: Cluster, local_agent: FakeAgent) -> None:
    depose(local_agent, events=0)

    folder = returning.keep_aside()

    modes = {path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert (modes, folder.stat().st_mode & 0o777) == ({0o600}, 0o700)


def test_keeping_again_is_safe(cluster: Cluster, local_agent: FakeAgent) -> None:
    depose(local_agent, events=head()["count"])
    returning.keep_aside()
    change()

    folder = returning.keep_aside()

    assert len((folder / "late-writes.jsonl").read_text().splitlines()) == 1
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite's file is copied")
def test_sqlite_database_is_kept_whole(cluster: Cluster, local_agent: FakeAgent) -> None:
    depose(local_agent, events=0)

    folder = returning.keep_aside()

    with sqlite3.connect(folder / "db.sqlite3") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT COUNT(*) FROM django_migrations").fetchone()[0] > 0
    copy.close()


def test_lost_leadership_is_written_down_once(cluster: Cluster, local_agent: FakeAgent) -> None:
    depose(local_agent, events=0)

    tasks.sweep()
    tasks.sweep()

    event = AuditEvent.objects.get(action="leadership.lost")
    assert (event.target_id, event.user_kind) == ("3", "system")
    assert event.details == {"term": 2, "own_term": 1}


def test_doubt_is_written_down_once_with_who_says_what(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.contest(Contest(node_id=2, term=2, leader=3))

    tasks.sweep()
    tasks.sweep()

    event = AuditEvent.objects.get(action="leadership.contested")
    claims = [{"node_id": 2, "term": 2, "leader": 3}]
    assert (event.details["claims"], event.outcome) == (claims, "denied")


def test_another_doubt_is_written_down_too(cluster: Cluster, local_agent: FakeAgent) -> None:
    local_agent.contest(Contest(node_id=2, term=2, leader=3))
    witness.write_down()
    local_agent.contest(Contest(node_id=2, term=3, leader=3))

    witness.write_down()

    assert AuditEvent.objects.filter(action="leadership.contested").count() == 2


def test_leader_that_works_writes_nothing_down(cluster: Cluster) -> None:
    before = AuditEvent.objects.count()

    witness.write_down()

    assert AuditEvent.objects.count() == before
