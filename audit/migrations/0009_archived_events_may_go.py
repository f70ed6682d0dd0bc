"""Events may leave their table once an archive has them; checkpoints and archives never change.

An archive is taken only if it begins where the last one ended, and ends with the event that the
table has under that number. So the table's triggers let go of just what an archive vouches for.
"""

from importlib import import_module

from django.db import migrations

append_only = import_module("audit.migrations.0002_append_only")
FROZEN = "audit archives and checkpoints are never changed"
UNFIT = "an audit archive goes on where the last one ended"
ARCHIVED = "(SELECT coalesce(max(last_id), 0) FROM audit_archive)"
FITS = (
    f"NEW.first_id = {ARCHIVED} + 1 AND NEW.last_id >= NEW.first_id"
    " AND NEW.previous_hash = coalesce((SELECT last_hash FROM audit_archive"
    f" ORDER BY last_id DESC LIMIT 1), '{'0' * 64}')"
    " AND NEW.last_hash = coalesce("
    "(SELECT hash FROM audit_auditevent WHERE id = NEW.last_id), '')"
)
SQLITE = [
    "DROP TRIGGER audit_event_no_delete",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_auditevent "
    f"WHEN OLD.id > {ARCHIVED} BEGIN SELECT RAISE(ABORT, '{append_only.REFUSAL}'); END",
    "CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint "
    f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
    "CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint "
    f"WHEN OLD.count > {ARCHIVED} BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
    "CREATE TRIGGER audit_archive_no_update BEFORE UPDATE ON audit_archive "
    f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
    "CREATE TRIGGER audit_archive_no_delete BEFORE DELETE ON audit_archive "
    f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
    "CREATE TRIGGER audit_archive_fits BEFORE INSERT ON audit_archive "
    f"WHEN NOT ({FITS}) BEGIN SELECT RAISE(ABORT, '{UNFIT}'); END",
]
SQLITE_BACK = [
    "DROP TRIGGER audit_archive_fits",
    "DROP TRIGGER audit_archive_no_delete",
    "DROP TRIGGER audit_archive_no_update",
    "DROP TRIGGER audit_checkpoint_no_delete",
    "DROP TRIGGER audit_checkpoint_no_update",
    "DROP TRIGGER audit_event_no_delete",
    append_only.INSTALL["sqlite"][1],
]


def _function(name, condition, refusal):
    """Refuses unless the condition holds."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RETURN coalesce(NEW, OLD); END IF; "
        f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )


def _trigger(name, event, table, function, *, each="ROW"):
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} "
        f"EXECUTE FUNCTION {function}()"
    )


POSTGRESQL = [
    "DROP TRIGGER audit_event_no_change ON audit_auditevent",
    _function("audit_refuse_unarchived", f"OLD.id <= {ARCHIVED}", append_only.REFUSAL),
    _function("audit_refuse_unarchived_count", f"OLD.count <= {ARCHIVED}", FROZEN),
    _function("audit_refuse_unfit", FITS, UNFIT),
    _function("audit_refuse_frozen", "false", FROZEN),
    _trigger("audit_event_no_change", "UPDATE", "audit_auditevent", "audit_refuse"),
    _trigger("audit_event_no_delete", "DELETE", "audit_auditevent", "audit_refuse_unarchived"),
    _trigger("audit_checkpoint_no_update", "UPDATE", "audit_checkpoint", "audit_refuse_frozen"),
    _trigger(
        "audit_checkpoint_no_delete", "DELETE", "audit_checkpoint", "audit_refuse_unarchived_count"
    ),
    _trigger(
        "audit_checkpoint_no_truncate",
        "TRUNCATE",
        "audit_checkpoint",
        "audit_refuse_frozen",
        each="STATEMENT",
    ),
    _trigger("audit_archive_no_change", "UPDATE OR DELETE", "audit_archive", "audit_refuse_frozen"),
    _trigger(
        "audit_archive_no_truncate",
        "TRUNCATE",
        "audit_archive",
        "audit_refuse_frozen",
        each="STATEMENT",
    ),
    _trigger("audit_archive_fits", "INSERT", "audit_archive", "audit_refuse_unfit"),
]
POSTGRESQL_BACK = [
    "DROP TRIGGER audit_archive_fits ON audit_archive",
    "DROP TRIGGER audit_archive_no_truncate ON audit_archive",
    "DROP TRIGGER audit_archive_no_change ON audit_archive",
    "DROP TRIGGER audit_checkpoint_no_truncate ON audit_checkpoint",
    "DROP TRIGGER audit_checkpoint_no_delete ON audit_checkpoint",
    "DROP TRIGGER audit_checkpoint_no_update ON audit_checkpoint",
    "DROP TRIGGER audit_event_no_delete ON audit_auditevent",
    "DROP TRIGGER audit_event_no_change ON audit_auditevent",
    "DROP FUNCTION audit_refuse_frozen()",
    "DROP FUNCTION audit_refuse_unfit()",
    "DROP FUNCTION audit_refuse_unarchived_count()",
    "DROP FUNCTION audit_refuse_unarchived()",
    append_only.INSTALL["postgresql"][1],
]
INSTALL = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
REMOVE = {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}


def install(apps, schema_editor):
    for statement in INSTALL[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0008_custody"),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
