"""The term that an event belongs to, and how its user was verified."""

from importlib import import_module

from django.db import migrations, models

from audit.fields import RowNumberField

append_only = import_module("audit.migrations.0002_append_only")


class Migration(migrations.Migration):
    """SQLite makes the table anew, which would lose its triggers; so they go and come back."""

    dependencies = [
        ("audit", "0002_append_only"),
    ]

    operations = [
        migrations.RunPython(append_only.remove, append_only.install),
        migrations.AlterField(
            model_name="auditevent",
            name="id",
            field=RowNumberField(primary_key=True, serialize=False),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="version",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="version",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="term",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="verified",
            field=models.CharField(blank=True, default="", max_length=24),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["target_label", "id"], name="audit_target_label"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["source", "id"], name="audit_source"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["outcome", "id"],
                name="audit_unusual_outcome",
                condition=models.Q(outcome__in=["denied", "failed"]),
            ),
        ),
        migrations.RunPython(append_only.install, append_only.remove),
    ]
