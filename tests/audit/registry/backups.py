"""Backing the cluster up, and restoring it."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from audit.actions import AuditAction as A
from audit.actor import Interface
from cluster import scheduled
from cluster.models import BackupDestination, BackupSettings, Cluster, Operation
from cluster.services import backup_settings
from cluster.services.restoring import request_restore
from tests.audit.registry.nodes import ALICE
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import World
from tests.cluster.backups import PASSWORD, Elsewhere, back_up, restore, set_up
from tests.cluster.factories import ADMIN, carry_on

SET_UP = ("backup", "1")
MADE = "code deliveries detail file sha256 size"
TAKEN = "file size"
RESTORED = "code detail generation made_at made_on term"
ASKED = "endpoint generation label made_at made_on term uuid"
NEW_PASSWORD = "amber harbour lantern 43"


def ready(world: World) -> None:
    """A cluster that can be backed up."""
    world.use("cluster")
    world.use("jobs")
    set_up()


def run_of(kind: str) -> Any:
    return Operation.objects.get(kind=kind).pk


@row(A.BACKUP_PASSWORD_SET, "settings/backup/password/ post")
def set_password(world: World) -> Expected:
    ready(world)
    world.page("/settings/backup/password/", password=NEW_PASSWORD, again=NEW_PASSWORD)
    return Expected(SET_UP)


@row(A.BACKUP_PASSWORD_SET, "api/v1/cluster/backup/password/ put")
def set_password_by_api(world: World) -> Expected:
    ready(world)
    world.api("put", "cluster/backup/password/", {"password": NEW_PASSWORD})
    return Expected(SET_UP)


@row(A.BACKUP_SETTINGS_CHANGED, "settings/backup/schedule/ post")
def decide_schedule(world: World) -> Expected:
    ready(world)
    world.page("/settings/backup/schedule/", daily_at="02:30", keep_last=5)
    return Expected(SET_UP, "keep_last")


@row(A.BACKUP_SETTINGS_CHANGED, "api/v1/cluster/backup/ patch")
def change_schedule_by_api(world: World) -> Expected:
    ready(world)
    world.api("patch", "cluster/backup/", {"keep_last": 5})
    return Expected(SET_UP, "keep_last")


@row(A.BACKUP_SETTINGS_CHANGED, "api/v1/cluster/backup/ put")
def decide_schedule_by_api(world: World) -> Expected:
    ready(world)
    whole = {"daily_at": None, "keep_last": 14, "keep_days": None, "with_audit": True}
    world.api("put", "cluster/backup/", whole)
    return Expected(SET_UP, "daily_at with_audit")


def destination(world: World) -> BackupDestination:
    ready(world)
    directory: Path = world.use("tmp_path") / "disk"
    directory.mkdir()
    return backup_settings.add_destination("local", {"path": str(directory)}, actor=ADMIN)


@row(A.BACKUP_DESTINATION_ADDED, "settings/backup/destinations/add/<str:kind>/ post")
def add_destination(world: World) -> Expected:
    ready(world)
    world.page("/settings/backup/destinations/add/local/", path=str(world.use("tmp_path")))
    return Expected(SET_UP, "kind place")


@row(A.BACKUP_DESTINATION_ADDED, "api/v1/cluster/backup/destinations/ post")
def add_destination_by_api(world: World) -> Expected:
    ready(world)
    wanted = {"kind": "local", "path": str(world.use("tmp_path"))}
    world.api("post", "cluster/backup/destinations/", wanted)
    return Expected(SET_UP, "kind place")


@row(
    A.BACKUP_DESTINATION_REMOVED,
    "settings/backup/destinations/<uuid:destination_id>/remove/ post",
)
def remove_destination(world: World) -> Expected:
    world.page(f"/settings/backup/destinations/{destination(world).pk}/remove/")
    return Expected(SET_UP, "kind place")


@row(
    A.BACKUP_DESTINATION_REMOVED,
    "api/v1/cluster/backup/destinations/<uuid:destination_id>/ delete",
)
def remove_destination_by_api(world: World) -> Expected:
    world.api("delete", f"cluster/backup/destinations/{destination(world).pk}/")
    return Expected(SET_UP, "kind place")


@row(A.BACKUP_REQUESTED, "settings/backup/run/ post")
def ask_for_backup(world: World) -> Expected:
    ready(world)
    world.page("/settings/backup/run/")
    return Expected(SET_UP, "scheduled", operation=run_of("backup"))


@row(A.BACKUP_REQUESTED, "api/v1/cluster/backup/ post")
def ask_for_backup_by_api(world: World) -> Expected:
    ready(world)
    world.api("post", "cluster/backup/")
    return Expected(SET_UP, "scheduled", operation=run_of("backup"))


@row(A.BACKUP_REQUESTED, "command backup_cluster")
def ask_for_backup_by_command(world: World) -> Expected:
    ready(world)
    world.command("backup_cluster")
    return Expected(SET_UP, "scheduled", operation=run_of("backup"))


@row(A.BACKUP_REQUESTED, "system cluster.scheduled.back_up")
def back_up_by_the_clock(world: World) -> Expected:
    ready(world)
    BackupSettings.objects.update(password_set_at="2000-01-01T00:00:00Z")
    scheduled.back_up()
    return Expected(SET_UP, "scheduled", operation=run_of("backup"))


@row(A.BACKUP_MADE, "system cluster.tasks.advance", interface=Interface.API)
def make_backup(world: World) -> Expected:
    ready(world)
    operation = back_up()
    return by(Expected(SET_UP, MADE, operation=operation.pk), **ALICE)


@row(A.BACKUP_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_back_up(world: World) -> Expected:
    destination(world)
    (world.use("tmp_path") / "disk").rmdir()
    operation = back_up()
    return by(Expected(SET_UP, MADE, operation=operation.pk, outcome="failed"), **ALICE)


@row(A.BACKUP_DOWNLOADED, "settings/backup/file/ post")
def download(world: World) -> Expected:
    ready(world)
    back_up()
    assert b"".join(world.page("/settings/backup/file/").streaming_content)
    return Expected(SET_UP, TAKEN)


@row(A.BACKUP_DOWNLOADED, "api/v1/cluster/backup/file/ post")
def download_by_api(world: World) -> Expected:
    ready(world)
    back_up()
    assert b"".join(world.api("post", "cluster/backup/file/").streaming_content)
    return Expected(SET_UP, TAKEN)


@row(A.BACKUP_DOWNLOADED, "command backup_cluster")
def copy_by_command(world: World) -> Expected:
    ready(world)
    world.command("backup_cluster", "--output", str(world.use("tmp_path") / "fleet.age"))
    return Expected(SET_UP, TAKEN)


def fresh_machine(world: World) -> Elsewhere:
    """Another machine in this one's place, with a backup."""
    moved: Elsewhere = world.use("elsewhere")()
    return moved


def upload(world: World, content: bytes, *, password: str = PASSWORD) -> None:
    file = SimpleUploadedFile("fleet.age", content)
    typed = {"password": password, "endpoint": "fresh.example.org:55820"}
    world.page("/restore/", **typed, file=file)


def restoration(details: str, *, outcome: str = "ok") -> Expected:
    operation = Operation.objects.get(kind="restore")
    target = ("cluster", operation.parameters["uuid"])
    return Expected(target, details, operation=operation.pk, outcome=outcome)


@row(A.CLUSTER_RESTORE_REQUESTED, "restore/ post")
def ask_to_restore(world: World) -> Expected:
    upload(world, fresh_machine(world).file.read_bytes())
    return restoration(ASKED)


@row(A.CLUSTER_RESTORE_REQUESTED, "command restore_cluster")
def ask_to_restore_by_command(world: World) -> Expected:
    there = fresh_machine(world)
    world.use("steady")
    world.command("restore_cluster", str(there.file), stdin=f"{PASSWORD}\n")
    return by(restoration(ASKED), term=0)


@row(A.CLUSTER_RESTORE_REFUSED, "restore/ post")
def give_wrong_backup_password(world: World) -> Expected:
    upload(world, fresh_machine(world).file.read_bytes(), password="another password")
    return Expected(details="code detail", outcome="denied")


@row(A.CLUSTER_RESTORE_REFUSED, "command restore_cluster")
def give_wrong_backup_password_by_command(world: World) -> Expected:
    there = fresh_machine(world)
    world.failing_command("restore_cluster", str(there.file), stdin="another password\n")
    return Expected(details="code detail", outcome="denied")


@row(A.CLUSTER_RESTORED, "system cluster.tasks.advance", interface=Interface.API)
def restore_cluster(world: World) -> Expected:
    restore(fresh_machine(world))
    return by(restoration(RESTORED), **ALICE)


@row(A.CLUSTER_RESTORE_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_restore(world: World) -> Expected:
    there = fresh_machine(world)
    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)
    Operation.objects.update(deadline=operation.created_at)
    carry_on(operation, times=3)
    assert not Cluster.objects.exists()
    return by(restoration(RESTORED, outcome="failed"), **ALICE)
