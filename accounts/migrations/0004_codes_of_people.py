"""Recovery codes and wrong codes become the person's: they stand in for passkeys as well."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def give_to_people(apps, schema_editor):
    authenticators = apps.get_model('accounts', 'Authenticator').objects
    codes = apps.get_model('accounts', 'RecoveryCode').objects
    people = apps.get_model('accounts', 'Administrator').objects
    owner = authenticators.filter(pk=OuterRef('authenticator_id')).values('user_id')[:1]
    codes.update(user_id=Subquery(owner))
    for authenticator in authenticators.filter(failures__gt=0):
        people.filter(pk=authenticator.user_id).update(
            wrong_codes=authenticator.failures, wrong_code_at=authenticator.failed_at
        )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_passkeys'),
    ]

    operations = [
        migrations.RunPython(give_to_people, migrations.RunPython.noop),
    ]
