"""A host's own database, read (and its clock turned) from outside."""

import contextlib
import json
import sqlite3
import uuid
from typing import Any

from tests.lab.host import Host


def select(host: Host, query: str, *values: object) -> list[dict[str, Any]]:
    """Committed rows."""
    path = f"file:{host.state_dir}/db.sqlite3?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True, timeout=20)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query, values)]


def open_operations(host: Host) -> int:
    """Operations that have not ended."""
    query = "SELECT id FROM cluster_operation WHERE state IN ('pending', 'running')"
    return len(select(host, query))


def operations(host: Host) -> list[dict[str, Any]]:
    """The latest operations, and how they ended."""
    query = (
        "SELECT kind, node_id, state, position, error_code, error_detail"
        " FROM cluster_operation ORDER BY created_at DESC LIMIT 3"
    )
    return select(host, query)


def events(host: Host, action: str) -> list[dict[str, Any]]:
    """The host's audit events of that action, the latest first."""
    query = "SELECT * FROM audit_auditevent WHERE action = ? ORDER BY id DESC"
    found = select(host, query, action)
    return [row | {"details": json.loads(row["details"])} for row in found]


def expire_join_code(leader: Host, *, code_id: str) -> None:
    """Let a code's hour pass at once."""
    path = leader.state_dir / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as database:
        changed = database.execute(
            "UPDATE cluster_joincode SET expires_at = '2020-01-01 00:00:00' WHERE id = ?",
            (uuid.UUID(code_id).hex,),
        )
        database.commit()
    assert changed.rowcount == 1


def set_label(leader: Host, node_id: int, label: str) -> None:
    """Write a node's label as if nobody had ever changed it to another."""
    path = leader.state_dir / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as database:
        database.execute("UPDATE nodes_node SET label = ? WHERE id = ?", (label, node_id))
        database.commit()


def note_follow_up(leader: Host, detail: str) -> None:
    """Leave something to be done."""
    path = leader.state_dir / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as database:
        database.execute(
            "INSERT INTO cluster_followup (kind, subject, detail, link, created_at, settled_by)"
            " VALUES ('shut_down_node', ?, ?, '', datetime('now'), '')",
            (detail, detail),
        )
        database.commit()
