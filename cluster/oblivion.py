"""What a node keeps from having led, wiped when it may not lead any more.

A leader has the cluster's accounts, tokens and secrets in its database. A follower that may lead
keeps them, as it may read them in the state anyway; one that was removed, or is no longer eligible,
must not (design section 3). Its audit trail is its own history, and stays.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from accounts.services.administrators import create_administrator
from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.services import record
from cluster.models import Cluster
from config.prepare import FIRST_ADMINISTRATOR
from nodes import role
from nodes.local_agent import AgentUnavailable, get_local_agent
from nodes.role import Role

FORGOTTEN = ("cluster", "nodes", "accounts")
"""Every row of these applications goes, whatever they come to hold."""


def forget_what_is_over() -> None:
    """Wipe the cluster's rows and the copies of the database, if this node may not lead any more.

    Asked again and again, so that neither a crash nor a power cut leaves them there: the row of the
    cluster says that there is something to wipe, and goes with it.
    """
    if Cluster.objects.exists() and _is_over():
        copies = _remove_copies()
        _wipe(copies=copies)


def _is_over() -> bool:
    """Removed, or a follower that is known not to be eligible."""
    present = role.current()
    if present.role != Role.WORKER:
        return present.role == Role.REMOVED
    try:
        return get_local_agent().status()["eligible"] is False
    except AgentUnavailable:
        return False


def _remove_copies() -> int:
    """What a leader that was replaced put aside; the lists of its late changes stay."""
    copies = list((Path(settings.STATE_DIR) / "kept").glob("*/db.sqlite3"))
    for copy in copies:
        copy.unlink(missing_ok=True)
    return len(copies)


@transaction.atomic
def _wipe(*, copies: int) -> None:
    """Once, and only while it is still over: whoever makes this node lead writes the same row."""
    cluster = Cluster.objects.select_for_update().first()
    if cluster is None or not _is_over():
        return
    for model in _models():
        model._base_manager.all().delete()
    create_administrator(actor=Actor.system(), username=FIRST_ADMINISTRATOR)
    present = role.current()
    label = f"node{present.node_id} ({present.fqdn})"
    record(
        AuditAction.NODE_WIPED,
        actor=Actor.system(),
        target=Target(kind="node", id=str(present.node_id), label=label, node=present.node_id),
        details={"cluster": str(cluster.uuid), "role": str(present.role), "copies": copies},
    )
    transaction.on_commit(partial(_empty_journal, connection.vendor))


def _models() -> Iterator[type[models.Model]]:
    for label in FORGOTTEN:
        yield from apps.get_app_config(label).get_models()


def _empty_journal(vendor: str) -> None:
    """SQLite overwrites what it deletes, but its journal has the old pages until it is emptied."""
    if vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
