"""What is done with the trail itself."""

from audit.actions import AuditAction as A
from audit.actor import Actor
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding
from audit.models import AuditEvent
from audit.tasks import verify_events
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.audit.registry.rows import Expected, row
from tests.audit.registry.world import World
from tests.audit.syslog_receivers import receiving

PLACE = {"host": "syslog.example.org", "port": 6514}
SYSLOG = ("syslog", "1")
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
