"""A world that many tests begin in, made by the product's own services and then copied.

What a test would have made is a few rows and the agent's files; making them anew each time was a
quarter of the unit tests' time. A copy is a few seconds old at most, and of this process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from cluster.services import leadership
from tests.fakes import FakeAgent

FRESH = timedelta(seconds=5)
"""No older copy is handed out: tests compare times with now."""
Rows = dict[str, Sequence[tuple[Any, ...]]]


@dataclass(frozen=True)
class World:
    """What was there after making it, where nothing of it was there before."""

    made_at: datetime
    machine: Mapping[str, Any]
    """What the agent saw of its machine before."""
    rows: Rows
    files: Mapping[str, bytes]
    calls: Sequence[tuple[str, str]]
    applied: int

    def fits(self, agent: FakeAgent) -> bool:
        """Whether making it here and now would give the same."""
        age = timezone.now() - self.made_at
        is_recent = timedelta(0) <= age < FRESH
        return is_recent and _seen_by(agent) == self.machine and not _is_any_row_in(self.rows)

    def copy(self, agent: FakeAgent) -> None:
        """Put its rows into the database, and its files where the agent has them."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self.rows.items():
                places = ", ".join(["%s"] * len(rows[0]))
                insertion = f"INSERT INTO {_quoted(table)} VALUES ({places})"  # noqa: S608  # our own names
                cursor.executemany(insertion, rows)
            for statement in _number_on(self.rows):
                cursor.execute(statement)
        for name, content in self.files.items():
            (agent.node_file.parent / name).write_bytes(content)
        agent.reread()
        leadership._claims.clear()  # kept by the cluster's name, which is that of the last copy
        leadership._holdings.clear()
        agent.calls[:] = self.calls
        agent.machine._applied = self.applied


_kept: dict[Callable[[], Any], World] = {}


def enter(make: Callable[[], Any], agent: FakeAgent) -> None:
    """The world that ``make`` makes: a copy, if there is one that fits."""
    kept = _kept.get(make)
    if kept and kept.fits(agent):
        kept.copy(agent)
    elif _is_any_row_in(_tables()) or agent.calls:
        make()
    else:
        _kept[make] = observe(make, agent)


def observe(make: Callable[[], Any], agent: FakeAgent) -> World:
    """Make it, and keep what is there then."""
    seen, made_at = _seen_by(agent), timezone.now()
    make()
    rows: Rows = {table: read for table in _tables() if (read := _read(table))}
    directory: Path = agent.node_file.parent
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    return World(made_at, seen, rows, files, tuple(agent.calls), agent.machine._applied)


def _seen_by(agent: FakeAgent) -> Mapping[str, Any]:
    own = {name: value for name, value in vars(agent.machine).items() if name != "membership"}
    return own | {"available": agent.available, "fqdn": agent.fqdn}


def _tables() -> list[str]:
    """Those of the cluster, the nodes and the trail; nobody's account is in a world."""
    names = connection.introspection.django_table_names(only_existing=False)
    return sorted(name for name in names if name.startswith(("cluster_", "nodes_", "audit_")))


def _is_any_row_in(tables: Any) -> bool:
    exists = " OR ".join(f"EXISTS (SELECT 1 FROM {_quoted(table)})" for table in tables)  # noqa: S608  # our own names
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {exists}")
        return bool(cursor.fetchone()[0])


def _read(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608  # our own names
        return list(cursor.fetchall())


def _number_on(tables: Any) -> list[str]:
    """What has PostgreSQL give the next rows numbers that are free."""
    models = connection.introspection.installed_models(list(tables))
    return connection.ops.sequence_reset_sql(no_style(), sorted(models, key=str))


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
