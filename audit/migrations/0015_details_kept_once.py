"""PostgreSQL's text index completes the searched text with the details, which are kept once.

Older events still have them in both places, and are found in the same way.
"""

from importlib import import_module

import structlog
from django.db import DatabaseError, migrations, transaction

text_index = import_module("audit.migrations.0004_text_index")
log = structlog.get_logger(__name__)
INDEX = (
    "CREATE INDEX IF NOT EXISTS audit_event_text ON audit_auditevent USING gin ("
    "(search_text || CASE WHEN right(search_text, 1) = chr(10)"
    " THEN lower(details COLLATE \"C\") ELSE '' END) gin_trgm_ops)"
    " WITH (gin_pending_list_limit = 16384)"
)
"""Of 16 MB, which is some 2,700 events; the room is not given back."""


def _replace(schema_editor, *statements):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    text_index.remove(None, schema_editor)
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        log.warning("audit_text_index_missing", error=str(error))


def install(apps, schema_editor):
    _replace(schema_editor, text_index.EXTENSION, INDEX)


def remove(apps, schema_editor):
    _replace(schema_editor, text_index.EXTENSION, text_index.INDEX)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0014_acknowledgement"),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
