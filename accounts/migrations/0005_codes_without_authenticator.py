import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_codes_of_people'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='recoverycode',
            name='accounts_recovery_code_once',
        ),
        migrations.RemoveField(
            model_name='recoverycode',
            name='authenticator',
        ),
        migrations.AlterField(
            model_name='recoverycode',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.UniqueConstraint(fields=('user', 'digest'), name='accounts_recovery_code_once'),
        ),
        migrations.RemoveField(
            model_name='authenticator',
            name='failed_at',
        ),
        migrations.RemoveField(
            model_name='authenticator',
            name='failures',
        ),
    ]
