"""What is done with the trail itself."""

from datetime import timedelta
from pathlib import Path

import time_machine
from django.utils import timezone

from audit.actions import AuditAction as A
from audit.actor import Actor
from audit.export.service import ExportFormat
from audit.export.service import export as make_export
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding
from audit.models import Archive, AuditEvent, ImportedArchive, Retention, WitnessStatement
from audit.search.question import Question
from audit.tasks import archive_events, verify_events
from audit.testimony import contradictions, digest_of, plain
from cluster.services.log_forwarding import change_log_forwarding
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.audit.registry.rows import Expected, row
from tests.audit.registry.world import World
from tests.audit.syslog_receivers import receiving

PLACE = {"host": "syslog.example.org", "port": 6514}
SYSLOG = ("syslog", "1")
LOGS = ("logs", "1")
SETTING = "after before whole_trail"
TRIED = "certificate_fingerprints host port tls"


@row(A.AUDIT_EXPORTED, "api/v1/audit/events/export/ get")
def export(world: World) -> Expected:
    answer = world.api("get", "audit/events/export/")
    assert b"".join(answer.streaming_content)
    return Expected(details="filter format from to")


@row(A.AUDIT_EXPORTED, "command export_audit")
def export_by_command(world: World) -> Expected:
    path = world.use("tmp_path") / "audit.csv"
    world.command("export_audit", str(path))
    return Expected(details="filter format from to")


@row(A.AUDIT_BROKEN, "system audit.tasks.verify_events")
def find_change(world: World) -> Expected:
    make_event()
    with without_triggers():
        AuditEvent.objects.update(user="eve")
    world.begin()
    verify_events()
    return Expected(details="event reason", outcome="failed")


@row(A.AUDIT_FORWARDING_CHANGED, "settings/audit/forwarding/ post")
def forward(world: World) -> Expected:
    world.page("/settings/audit/forwarding/", **PLACE, tls="on")
    return Expected(SYSLOG, SETTING)


@row(A.AUDIT_FORWARDING_CHANGED, "api/v1/audit/forwarding/ put")
def forward_by_api(world: World) -> Expected:
    world.api("put", "audit/forwarding/", PLACE)
    return Expected(SYSLOG, SETTING)


@row(A.AUDIT_FORWARDING_STOPPED, "settings/audit/forwarding/stop/ post")
def stop(world: World) -> Expected:
    change_forwarding(Receiver("syslog.example.org", 6514), actor=Actor.system())
    world.page("/settings/audit/forwarding/stop/")
    return Expected(SYSLOG, "after before not_sent")


@row(A.AUDIT_FORWARDING_STOPPED, "api/v1/audit/forwarding/ delete")
def stop_by_api(world: World) -> Expected:
    change_forwarding(Receiver("syslog.example.org", 6514), actor=Actor.system())
    world.api("delete", "audit/forwarding/")
    return Expected(SYSLOG, "after before not_sent")


@row(A.AUDIT_FORWARDING_TESTED, "settings/audit/forwarding/ post")
def try_receiver(world: World) -> Expected:
    with receiving() as receiver:
        typed = {"host": "127.0.0.1", "port": receiver.port, "try": "1"}
        world.page("/settings/audit/forwarding/", **typed)
    return Expected(SYSLOG, TRIED)


@row(A.AUDIT_FORWARDING_TESTED, "api/v1/audit/forwarding/test/ post")
def try_receiver_by_api(world: World) -> Expected:
    with receiving() as receiver:
        place = {"host": "127.0.0.1", "port": receiver.port, "tls": False}
        world.api("post", "audit/forwarding/test/", place)
    return Expected(SYSLOG, TRIED)


@row(A.AUDIT_RETENTION_CHANGED, "settings/audit/retention/ post")
def decide_retention(world: World) -> Expected:
    world.page("/settings/audit/retention/", days="365")
    return Expected(details="after before")


@row(A.AUDIT_RETENTION_CHANGED, "api/v1/audit/retention/ put")
def decide_retention_by_api(world: World) -> Expected:
    world.api("put", "audit/retention/", {"days": 365, "megabytes": None})
    return Expected(details="after before")


def old_events(world: World) -> None:
    """Two of long ago, which may go; and somebody who can seal them."""
    settings = world.use("settings")
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"
    world.monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", world.use("tmp_path"))
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        make_event()
        make_event()
    Retention.objects.create(days=365)


@row(A.AUDIT_ARCHIVING_REQUESTED, "settings/audit/retention/archive/ post")
def ask_for_archive(world: World) -> Expected:
    old_events(world)
    world.page("/settings/audit/retention/archive/")
    return Expected(details="from to")


@row(A.AUDIT_ARCHIVING_REQUESTED, "api/v1/audit/archives/ post")
def ask_for_archive_by_api(world: World) -> Expected:
    old_events(world)
    world.api("post", "audit/archives/")
    return Expected(details="from to")


@row(A.AUDIT_ARCHIVED, "system audit.tasks.archive_events")
def archive(world: World) -> Expected:
    old_events(world)
    archive_events()
    return Expected(("archive", str(Archive.objects.get().pk)), "from sha256 to")


@row(A.AUDIT_IMPORTED, "command import_audit")
def take_in(world: World) -> Expected:
    old_events(world)
    path: Path = world.use("tmp_path") / "old.zip"
    sealed = make_export(Question(), actor=Actor.root(), form=ExportFormat.SEALED)
    path.write_bytes(b"".join(sealed.chunks))
    world.command("import_audit", str(path))
    target = ("archive", ImportedArchive.objects.get().digest)
    return Expected(target, "events sha256 signed_by")


@row(A.LOGS_DOWNLOADED, "api/v1/logs/export/ get")
def download_logs(world: World) -> Expected:
    answer = world.api("get", "logs/export/?program=sshd")
    assert answer.getvalue() == b""
    return Expected(details="filter")


@row(A.LOG_SETTINGS_CHANGED, "settings/logs/ post")
def keep_logs_shorter(world: World) -> Expected:
    world.use("cluster")
    world.page("/settings/logs/", keep_days=30, keep_gib=10)
    return Expected(("logs", "1"), "keep_days")


@row(A.LOG_FORWARDING_CHANGED, "settings/log-forwarding/ post")
def forward_logs(world: World) -> Expected:
    world.use("cluster")
    world.page("/settings/log-forwarding/", **PLACE, tls="on")
    return Expected(LOGS, "after before")


@row(A.LOG_FORWARDING_CHANGED, "api/v1/logs/forwarding/ put")
def forward_logs_by_api(world: World) -> Expected:
    world.use("cluster")
    world.api("put", "logs/forwarding/", PLACE)
    return Expected(LOGS, "after before")


@row(A.LOG_FORWARDING_STOPPED, "settings/log-forwarding/stop/ post")
def stop_logs(world: World) -> Expected:
    world.use("cluster")
    change_log_forwarding(Receiver("syslog.example.org", 6514), actor=Actor.system())
    world.page("/settings/log-forwarding/stop/")
    return Expected(LOGS, "after before")


@row(A.LOG_FORWARDING_STOPPED, "api/v1/logs/forwarding/ delete")
def stop_logs_by_api(world: World) -> Expected:
    world.use("cluster")
    change_log_forwarding(Receiver("syslog.example.org", 6514), actor=Actor.system())
    world.api("delete", "logs/forwarding/")
    return Expected(LOGS, "after before")


@row(A.LOG_FORWARDING_TESTED, "settings/log-forwarding/ post")
def try_log_receiver(world: World) -> Expected:
    with receiving() as receiver:
        typed = {"host": "127.0.0.1", "port": receiver.port, "try": "1"}
        world.page("/settings/log-forwarding/", **typed)
    return Expected(LOGS, TRIED)


@row(A.LOG_FORWARDING_TESTED, "api/v1/logs/forwarding/test/ post")
def try_log_receiver_by_api(world: World) -> Expected:
    with receiving() as receiver:
        place = {"host": "127.0.0.1", "port": receiver.port, "tls": False}
        world.api("post", "logs/forwarding/test/", place)
    return Expected(LOGS, TRIED)


def remembered_otherwise(world: World) -> None:
    """As after an older copy was restored: a node remembers more than there is."""
    world.use("settings").AUDIT_WITNESSES = "tests.audit.sealing.ask_nobody"
    now = timezone.now()
    told = [{"count": 900, "hash": "a" * 64, "time": f"{now}"}]
    WitnessStatement.objects.create(witness=2, label="node2", heard_at=now, checkpoints=told)


@row(A.AUDIT_ACKNOWLEDGED, "audit/verification/acknowledge/ post")
def know(world: World) -> Expected:
    remembered_otherwise(world)
    seen = digest_of(plain(contradictions()))
    world.page("/audit/verification/acknowledge/", seen=seen)
    return Expected(details="contradictions digest first last")


@row(A.AUDIT_ACKNOWLEDGED, "command verify_audit")
def know_by_command(world: World) -> Expected:
    remembered_otherwise(world)
    world.command("verify_audit", "--acknowledge")
    return Expected(details="contradictions digest first last")
