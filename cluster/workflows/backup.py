"""A backup: collected and sealed by a job, then sent to each destination, then the old ones go."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import replica, state
from cluster.backup import archive, names, place
from cluster.backup.jobs import Job, JobRefused, get_jobs, stop_all
from cluster.backup.replica import open_secret
from cluster.errors.backup import BackupNotDelivered, BackupPasswordMissing, BackupWorkDied
from cluster.models import (
    BackupDestination,
    BackupPassword,
    BackupSettings,
    Cluster,
    Operation,
)
from cluster.workflows.outcome import record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Wait, Workflow
from config.encryption import decrypt
from nodes.models import Node

Order = Mapping[str, Any]
TRIES = 5
"""Of a job that ends without a result: the machine was restarted, or it was killed."""


def check(run: Run) -> None:
    """Make sure that there is a password, and decide how the file is called."""
    _password()
    cluster = Cluster.objects.get()
    run.data["file"] = names.name_of(cluster.backup_prefix, at=run.operation.created_at)


def copy_trail(run: Run) -> None:
    """Export the audit trail, where it is wanted."""
    if not BackupSettings.load().with_audit:
        run.note("The audit trail is not part of the backup.")
        return
    order = {"target": str(_trail(run)), "actor": run.operation.actor}
    told = _carry_out(run, "copy_trail", lambda: order)
    if told is None:
        raise Wait(run.pause, "The audit trail is being exported.")
    run.data["trail"] = True
    run.note(f"{told['events']} events.")


def seal(run: Run) -> None:
    """Have what a new leader would need collected, packed and sealed."""
    told = _carry_out(run, "seal", lambda: _collect(run))
    if told is None:
        raise Wait(run.pause, "The password is being stretched to a key, which takes some seconds.")
    place.give_to_owner(_file(run))
    run.data |= {"size": told["size"], "sha256": told["sha256"]}


def deliver(run: Run) -> None:
    """Send it to every destination at once; how each went is kept."""
    destinations = list(BackupDestination.objects.all())
    outcomes = {str(each.pk): _deliver(run, each) for each in destinations}
    waiting = [pk for pk, outcome in outcomes.items() if outcome is None]
    if waiting:
        detail = f"{len(outcomes) - len(waiting)} of {len(outcomes)} destinations have it."
        raise Wait(run.pause, detail)
    run.data["deliveries"] = [{"id": pk, **(outcomes[pk] or {})} for pk in outcomes]
    run.note("" if destinations else "There is no destination: it is on this machine only.")


def tidy(run: Run) -> None:
    """Let go of what is outdated here; raises ``BackupNotDelivered``."""
    kept, now = BackupSettings.load(), run.now
    prefix = Cluster.objects.get().backup_prefix
    place.prune(prefix, keep_last=kept.keep_last, keep_days=kept.keep_days, now=now)
    failed = [each for each in run.data["deliveries"] if each["problem"]]
    if failed:
        failures = " ".join(f"{each['place']}: {each['problem']}" for each in failed)
        raise BackupNotDelivered(failures=failures)


def note_success(run: Run) -> None:
    """Every leader shall know that there is one."""
    BackupSettings.objects.update_or_create(
        pk=1, defaults={"last_good_at": run.operation.created_at}
    )
    state.bump()


def _password() -> str:
    kept = BackupPassword.objects.first()
    if kept is None:
        raise BackupPasswordMissing
    return decrypt(kept.encrypted)


def _file(run: Run) -> Path:
    return place.folder() / str(run.data["file"])


def _trail(run: Run) -> Path:
    return place.work_of(run.operation.pk) / "audit-export.zip"


@transaction.atomic
def _collect(run: Run) -> Order:
    """One moment of the cluster: the lock keeps every change out meanwhile."""
    cluster = Cluster.objects.select_for_update().get()
    nodes = list(Node.objects.members().order_by("id"))
    leader = next(node for node in nodes if node.role == Node.Role.LEADER)
    return {
        "password": _password(),
        "target": str(_file(run)),
        "about": {
            "cluster": {"uuid": str(cluster.uuid), "label": cluster.label},
            "term": cluster.term,
            "generation": cluster.generation,
            "node": {"id": leader.pk, "fqdn": leader.fqdn},
            "made_at": run.operation.created_at.isoformat(),
        },
        "texts": {
            archive.DOCUMENT: json.dumps(state.build_open_part(cluster, nodes)),
            archive.SEALED: json.dumps(replica.export()),
        },
        "paths": _attached(run),
    }


def _attached(run: Run) -> dict[str, str]:
    """A certificate that is self-signed belongs to its machine, and stays there."""
    paths = {}
    if settings.FLOTILLA.TLS_CERT:
        paths[archive.CERTIFICATE] = str(settings.FLOTILLA.TLS_CERT_PATH)
        paths[archive.PRIVATE_KEY] = str(settings.FLOTILLA.TLS_KEY_PATH)
    if run.data.get("trail"):
        paths[archive.AUDIT] = str(_trail(run))
    return paths


def _deliver(run: Run, destination: BackupDestination) -> dict[str, Any] | None:
    """How it went; None while it goes on."""
    kept = BackupSettings.load()
    order = {
        "file": str(_file(run)),
        "prefix": Cluster.objects.get().backup_prefix,
        "keep_last": kept.keep_last,
        "keep_days": kept.keep_days,
        "destination": {
            "kind": destination.kind,
            "settings": destination.settings,
            "secret": open_secret(destination),
        },
    }
    about = {"place": destination.place}
    try:
        told = _carry_out(run, "deliver", lambda: order, name=f"deliver-{destination.pk}")
    except JobRefused as refused:
        return about | {"problem": refused.detail, "code": refused.code}
    return told and about | {"problem": "", "code": ""}


def _carry_out(
    run: Run, verb: str, make_order: Callable[[], Order], *, name: str = ""
) -> dict[str, Any] | None:
    """The job's answer, or None until there is one; one that was killed is begun again."""
    jobs = get_jobs()
    job = Job(place.work_of(run.operation.pk), verb, name or verb)
    if jobs.find_answer(job) is None and not jobs.is_running(job):
        _count(run, job)
        jobs.begin(job, make_order())
    return jobs.find_answer(job)


def _count(run: Run, job: Job) -> None:
    """What dies again and again would send a file again and again; raises ``JobRefused``."""
    begun = run.data.setdefault("begun", {})
    begun[job.name] = begun.get(job.name, 0) + 1
    if begun[job.name] > TRIES:
        died = BackupWorkDied()
        raise JobRefused(code=died.code, detail=died.detail, field=None, status=died.status)


def record_success(run: Run) -> None:
    _record(run, AuditAction.BACKUP_MADE, Outcome.OK)


def record_failure(run: Run) -> None:
    _record(run, AuditAction.BACKUP_FAILED, Outcome.FAILED)


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    wanted = ("file", "size", "sha256", "deliveries")
    data = run.operation.data
    record_outcome(
        run,
        action,
        outcome,
        target=BackupSettings.load().audit_target,
        details={name: data[name] for name in wanted if name in data},
    )
    transaction.on_commit(lambda: _clear(run))


def _clear(run: Run) -> None:
    """Nothing goes on behind an operation that has ended."""
    stop_all(place.work_of(run.operation.pk))
    place.clear_work(run.operation.pk)


STEPS = (
    Step("check", act=check),
    Step("copy_trail", act=copy_trail, deadline=timedelta(minutes=30)),
    Step("seal", act=seal, deadline=timedelta(minutes=5)),
    Step("deliver", act=deliver, deadline=timedelta(hours=3)),
    Step("tidy", act=tidy, commit=note_success),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.BACKUP,
        steps=STEPS,
        deadline=timedelta(hours=4),
        on_succeeded=record_success,
        on_failed=record_failure,
        retryable=True,
    )
)
