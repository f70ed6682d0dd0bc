"""A backup: asked for by hand, made, and what is left of one that is not."""

import json
import os
import stat
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from audit.export.check import check_export
from cluster import scheduled
from cluster.backup import age, archive, place
from cluster.errors.backup import BackupPasswordMissing
from cluster.errors.operations import OperationInProgress
from cluster.models import BackupPassword, BackupSettings, Cluster, Operation
from cluster.services import backup_settings, backups
from cluster.services.operations import open_operation
from tests.cluster.backup_runs import events, ready
from tests.cluster.backups import PASSWORD, InlineJobs, back_up, jobs
from tests.cluster.factories import ADMIN, carry_on
from tests.fakes import FakeAgent

__all__ = ["jobs", "ready"]
pytestmark = pytest.mark.django_db


def opened() -> archive.Contents:
    found = backups.find_file()
    assert found is not None
    return archive.unpack(age.open_sealed(found.path.read_bytes(), password=PASSWORD))


def take_role(agent: FakeAgent, role: str) -> None:
    record = json.loads(agent.node_file.read_text())
    agent.node_file.write_text(json.dumps(record | {"role": role}))
    os.utime(agent.node_file, (1, 1))


def test_backup_holds_the_state_and_says_what_it_is(ready: InlineJobs, cluster: Cluster) -> None:
    operation = back_up()

    contents = opened()
    about = contents.manifest
    assert operation.state == "succeeded", operation.error_detail
    assert set(contents.files) == {archive.MANIFEST, archive.DOCUMENT, archive.SEALED}
    assert about["cluster"] == {"uuid": str(cluster.uuid), "label": "Fleet"}
    assert about["node"] == {"id": 1, "fqdn": "node1.example.org"}
    assert about["made_at"] == operation.created_at.isoformat()


def test_backup_never_holds_its_own_password(ready: InlineJobs) -> None:
    """S27."""
    back_up()

    assert not any(PASSWORD.encode() in content for content in opened().files.values())


def test_file_is_for_its_owner_only(ready: InlineJobs) -> None:
    back_up()

    found = backups.find_file()
    assert found is not None
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(found.path.parent.stat().st_mode) == 0o700


def test_certificate_that_was_supplied_is_in_it(
    ready: InlineJobs, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, variable in (("cert.pem", "TLS_CERT"), ("key.pem", "TLS_KEY")):
        (tmp_path / name).write_text(name)
        monkeypatch.setattr(settings.FLOTILLA, variable, str(tmp_path / name))
        monkeypatch.setattr(settings.FLOTILLA, f"{variable}_PATH", tmp_path / name)

    back_up()

    assert opened().files[archive.CERTIFICATE] == b"cert.pem"
    assert opened().files[archive.PRIVATE_KEY] == b"key.pem"


def test_audit_trail_is_in_it_where_it_is_wanted(ready: InlineJobs, tmp_path: Path) -> None:
    backup_settings.change_settings(actor=ADMIN, with_audit=True)

    back_up()

    (tmp_path / "export.zip").write_bytes(opened().files[archive.AUDIT])
    checked = check_export(tmp_path / "export.zip")
    assert (checked.problem, checked.events > 3) == ("", True)


def test_success_is_known_to_every_leader(ready: InlineJobs, cluster: Cluster) -> None:
    before = Cluster.objects.get().generation

    operation = back_up()

    assert BackupSettings.load().last_good_at == operation.created_at
    assert Cluster.objects.get().generation == before + 1


def test_audit_says_who_asked_and_what_came_of_it(ready: InlineJobs) -> None:
    operation = back_up()

    assert [event.user for event in events("backup.requested")] == ["alice"]
    made = events("backup.made")[0]
    assert made.details["file"] == operation.data["file"]
    assert made.details["sha256"] == operation.data["sha256"]


def test_nothing_of_the_work_is_left(
    ready: InlineJobs, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        operation = back_up()

    assert not (place.folder() / "work" / str(operation.pk)).exists()


def test_without_a_password_nobody_can_ask(cluster: Cluster, jobs: InlineJobs) -> None:
    with pytest.raises(BackupPasswordMissing):
        backups.request_backup(actor=ADMIN)

    assert not Operation.objects.filter(kind="backup").exists()


def test_only_one_runs_at_a_time(ready: InlineJobs) -> None:
    backups.request_backup(actor=ADMIN)

    with pytest.raises(OperationInProgress):
        backups.request_backup(actor=ADMIN)


def test_backup_is_never_named_as_what_stands_in_the_way_of_others(ready: InlineJobs) -> None:
    request_create = partial(Operation.objects.create, kind="promote", deadline=timezone.now())
    request_create(actor={}, parameters={})
    backups.request_backup(actor=ADMIN)

    with pytest.raises(OperationInProgress, match="promote a node"):
        open_operation(Operation.Kind.REMOVE, actor=ADMIN, parameters={})
    with pytest.raises(OperationInProgress, match="back up the cluster"):
        backups.request_backup(actor=ADMIN)


def test_job_that_was_killed_is_begun_again(ready: InlineJobs) -> None:
    ready.dying = {"seal"}

    operation = back_up(times=2)

    assert operation.state == "succeeded"
    assert ready.begun == ["seal", "seal"]


def test_job_that_dies_again_and_again_is_given_up(ready: InlineJobs) -> None:
    """It would send the same file until its time is over."""
    operation = back_up(times=0)
    for _ in range(7):
        ready.dying = {"seal"}
        carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", "backup_work_died")
    assert ready.begun == ["seal"] * 5


@pytest.mark.parametrize(("age", "is_left"), [(30, True), (70, False)], ids=["young", "old"])
def test_what_crashes_have_left_is_removed(
    ready: InlineJobs, settings: Any, age: int, is_left: bool
) -> None:
    """The secrets of a cluster among it, in the clear."""
    folder = settings.STATE_DIR / "restored" / "a-b"
    folder.mkdir(parents=True)
    left = [folder / "unseal.result", folder / ".key.pem.partial", place.folder() / ".x.partial"]
    for path in left:
        path.touch()
    (folder / "cert.pem").touch()

    with time_machine.travel(timezone.now() + timedelta(minutes=age)):
        scheduled.back_up()

    assert [path.exists() for path in left] == [is_left] * 3
    assert (folder / "cert.pem").exists()


@pytest.mark.parametrize(("role", "is_left"), [("leader", True), ("worker", False)])
def test_work_ends_with_the_leadership(
    ready: InlineJobs, local_agent: FakeAgent, role: str, is_left: bool
) -> None:
    ready.slow = {"seal"}
    operation = back_up()
    take_role(local_agent, role)

    scheduled.back_up()

    assert [path.name for path in place.find_work()] == [str(operation.pk)] * is_left
    assert ready.stopped == [] if is_left else ["seal"]


def test_work_of_an_operation_that_is_forgotten_is_removed(ready: InlineJobs) -> None:
    place.work_of(uuid4())

    scheduled.back_up()

    assert place.find_work() == []


def test_cancelled_backup_stops_its_job(
    ready: InlineJobs, django_capture_on_commit_callbacks: Any
) -> None:
    ready.slow = {"seal"}
    operation = back_up()
    Operation.objects.filter(pk=operation.pk).update(cancel_requested=True)

    with django_capture_on_commit_callbacks(execute=True):
        carry_on(operation)

    assert operation.state == "cancelled"
    assert ready.stopped == ["seal"]


def test_node_that_leads_no_more_forgets_the_password(
    ready: InlineJobs, local_agent: FakeAgent
) -> None:
    """S27."""
    take_role(local_agent, "worker")

    scheduled.back_up()

    assert not BackupPassword.objects.exists()
