"""PostgreSQL's text index, where the extension may be made; SQLite's is a file of its own."""

import structlog
from django.db import DatabaseError, migrations, transaction

log = structlog.get_logger(__name__)
EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
INDEX = (
    "CREATE INDEX IF NOT EXISTS audit_event_text ON audit_auditevent"
    " USING gin (search_text gin_trgm_ops) WITH (gin_pending_list_limit = 65536)"
)


def install(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(EXTENSION)
            cursor.execute(INDEX)
    except DatabaseError as error:
        log.warning("audit_text_index_missing", error=str(error))


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS audit_event_text")


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0003_term_and_verification"),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
