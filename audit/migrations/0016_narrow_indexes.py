"""Half the space on PostgreSQL: indexes of blocks instead of ids, and hashes as bytes.

An index of names and ids has an entry for each event, in pages that are half empty; one of names
and blocks of ids has one for many. Nobody needs an index of times: an id is found by halves.
"""

from importlib import import_module

from django.db import migrations, models

from audit.fields import HexField

archived = import_module("audit.migrations.0009_archived_events_may_go")
TIMES = "audit_auditevent_time_ec28f263"
HEX = {"hash": 64, "details_digest": 64, "details_salt": 32}
BLOCK = "(id >> 12)"
INDEXES = {
    "audit_user": '"user", {}',
    "audit_action": "action, {}",
    "audit_user_action": '"user", action, {}',
    "audit_target": "target_id, {}",
    "audit_target_label": "target_label, {}",
    "audit_source": "source, {}",
    "audit_operation": "operation, {}",
    "audit_unusual_outcome": "outcome, {}",
}
ONLY = {
    "audit_operation": "WHERE operation IS NOT NULL",
    "audit_unusual_outcome": "WHERE outcome IN ('denied', 'failed')",
}
AS_BYTES = (
    "ALTER {0} TYPE bytea USING CASE WHEN {0} ~ '^([0-9a-f]{{2}})*$'"
    " THEN decode({0}, 'hex') ELSE convert_to({0}, 'UTF8') END"
)
"""What is no number was doctored; it stays, to be found."""
AS_TEXT = "ALTER {0} TYPE varchar({1}) USING encode({0}, 'hex')"
ROOM = "SET LOCAL maintenance_work_mem = '256MB'"
"""The text index is made anew too."""


def _fits(hash):
    """Whether an archive goes on where the last one ended, as PostgreSQL's trigger asks."""
    condition = archived.FITS.replace("(SELECT hash FROM", f"(SELECT {hash} FROM")
    created = archived._function("audit_refuse_unfit", condition, archived.UNFIT)
    return created.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def _indexes(end):
    for name, columns in INDEXES.items():
        table, only = f"audit_auditevent ({columns.format(end)})", ONLY.get(name, "")
        yield f"CREATE INDEX {name} ON {table} {only}"


def _alter(changes):
    return f"ALTER TABLE audit_auditevent {', '.join(changes)}"


def _execute(schema_editor, *statements):
    for statement in statements:
        schema_editor.execute(statement)


def narrow(apps, schema_editor):
    _execute(schema_editor, f"DROP INDEX {TIMES}")
    if schema_editor.connection.vendor != "postgresql":
        return
    _execute(
        schema_editor,
        ROOM,
        f"DROP INDEX {', '.join(INDEXES)}",
        _alter(AS_BYTES.format(name) for name in HEX),
        _fits("encode(hash, 'hex')"),
        *_indexes(BLOCK),
    )


def widen(apps, schema_editor):
    _execute(schema_editor, f"CREATE INDEX {TIMES} ON audit_auditevent (time)")
    if schema_editor.connection.vendor != "postgresql":
        return
    _execute(
        schema_editor,
        ROOM,
        f"DROP INDEX {', '.join(INDEXES)}",
        _alter(AS_TEXT.format(name, length) for name, length in HEX.items()),
        _fits("hash"),
        *_indexes("id"),
    )


def _state(name, field):
    return migrations.AlterField(model_name="auditevent", name=name, field=field)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0015_details_kept_once"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(narrow, widen)],
            state_operations=[
                _state("time", models.DateTimeField()),
                *(_state(name, HexField(max_length=length)) for name, length in HEX.items()),
            ],
        ),
    ]
