"""Most events belong to no operation, and need no place in its index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0009_archived_events_may_go"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="auditevent", name="audit_operation"),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["operation", "id"],
                name="audit_operation",
                condition=models.Q(operation__isnull=False),
            ),
        ),
    ]
