"""The leader that comes back: what was changed on it too late, listed and kept, never merged."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from audit.actions import AuditAction
from audit.models import AuditEvent, Outcome
from cluster.models import Cluster
from nodes import role
from nodes.models import Contact
from nodes.role import NodeIdentity, Role

UNDER_WAY = timedelta(seconds=10)
"""Longer than a state is on its way to a node that is heard from."""
FIELDS = (
    "id",
    "time",
    "user",
    "user_kind",
    "action",
    "target_kind",
    "target_id",
    "target_label",
    "source",
    "interface",
    "operation",
    "details",
)
NO_CHANGES = (
    AuditAction.LOGIN_SUCCEEDED,
    AuditAction.LOGGED_OUT,
    AuditAction.SESSION_ENDED,
    AuditAction.LEADERSHIP_TAKEN,
    AuditAction.LEADERSHIP_LOST,
    AuditAction.LEADERSHIP_CONTESTED,
    AuditAction.LEADERSHIP_FOLLOWED,
    AuditAction.LEADER_APPROVED,
)
"""What changes nothing that another leader would have to know."""


def find_late_writes() -> QuerySet[AuditEvent]:
    """What was changed on this deposed node after the state that the new leader built on, newest
    first; nothing on any other node.
    """
    present = role.current()
    if present.role != Role.DEPOSED and not present.is_contested:
        return AuditEvent.objects.none()
    late = AuditEvent.objects.filter(id__gt=_count_known(present), outcome=Outcome.OK)
    return late.exclude(action__in=NO_CHANGES)


def _count_known(present: NodeIdentity) -> int:
    """How many events of this trail the new leader's state has in it.

    It says so itself. Where it has not, what was written before it was last heard from counts as
    known, but for the last moments: rather too much is listed than too little.
    """
    successor = present.successor or {}
    built_on = successor.get("built_on") or {}
    if built_on.get("events") is not None:
        return int(built_on["events"])
    contact = Contact.objects.filter(node_id=successor.get("id", 0)).first()
    if contact is None or contact.last_contact is None:
        return 0
    before = AuditEvent.objects.filter(time__lt=contact.last_contact - UNDER_WAY)
    return before.values_list("id", flat=True).first() or 0


def keep_aside() -> Path:
    """Put the late changes, and on SQLite the whole database, where nothing replaces them.

    Safe to repeat: each file is made anew and then put in the place of the one before.
    """
    term = Cluster.objects.values_list("term", flat=True).first() or 0
    folder = Path(settings.STATE_DIR) / "kept" / f"term{term}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / "late-writes.jsonl", map(_as_line, find_late_writes().order_by("id")))
    if connection.vendor == "sqlite":
        _copy_database(folder / "db.sqlite3")
    return folder


def discard(folder: Path) -> None:
    """Forget what was put aside; while this node follows nobody, the database has all of it."""
    shutil.rmtree(folder)


def _as_line(event: AuditEvent) -> str:
    values: dict[str, Any] = {name: getattr(event, name) for name in FIELDS}
    return json.dumps(values, default=str, sort_keys=True) + "\n"


def _write(path: Path, lines: Any) -> None:
    partial = _new_file(path)
    with partial.open("w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _copy_database(path: Path) -> None:
    """A consistent copy of a database in use: SQLite's own backup.

    From a connection of its own, because it would wait for ever for a transaction of ours.
    """
    partial = _new_file(path)
    source = f"file:{quote(str(connection.settings_dict['NAME']))}?mode=ro"
    with (
        closing(sqlite3.connect(source, uri=True)) as database,
        closing(sqlite3.connect(partial)) as copy,
    ):
        database.backup(copy)
    partial.replace(path)


def _new_file(path: Path) -> Path:
    """An empty file beside ``path`` that only its owner may read."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    return partial
