"""Which pairs of characters each part of the trail has: PostgreSQL's trigrams know no shorter text.

Filled behind the appends, like the text index of SQLite; what it does not reach is looked through.
"""

from django.db import migrations

TABLE = (
    "CREATE TABLE audit_textpart (first_id bigint NOT NULL, last_id bigint PRIMARY KEY,"
    ' last_hash bytea NOT NULL, grams text[] COLLATE "C" NOT NULL)'
)
INDEX = (
    "CREATE INDEX audit_textpart_grams ON audit_textpart USING gin (grams) WITH (fastupdate = off)"
)
ASK = """
    CREATE FUNCTION audit_textparts_with(wanted text[])
    RETURNS TABLE (first_id bigint, last_id bigint) LANGUAGE sql STABLE
    SET enable_seqscan = off SET jit = off
    AS $$
        SELECT first_id, last_id FROM audit_textpart
        WHERE grams @> wanted OR grams @> ARRAY['']
    $$
"""
"""By the index: the planner does not know what it costs to look at every part."""


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TABLE)
        schema_editor.execute(INDEX)
        schema_editor.execute(ASK)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION audit_textparts_with(text[])")
        schema_editor.execute("DROP TABLE audit_textpart")


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0017_asked_round"),
    ]

    operations = [
        migrations.RunPython(install, remove),
    ]
