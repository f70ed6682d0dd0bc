import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_policy_proofs_and_failures'),
    ]

    operations = [
        migrations.AddField(
            model_name='accesspolicy',
            name='passkey_domain',
            field=models.CharField(blank=True, default='', max_length=253),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='administrator',
            name='wrong_code_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='administrator',
            name='wrong_codes',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='recoverycode',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('created_at', models.DateTimeField(auto_now_add=True, help_text='The date and time when this device was initially created in the system.', null=True)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='The most recent date and time this device was used.', null=True)),
                ('credential_type', models.CharField(choices=[('public-key', 'Public Key')], default='public-key', editable=False, max_length=32, verbose_name='credential type')),
                ('credential_id', models.BinaryField(max_length=1023, verbose_name='credential id data')),
                ('public_key', models.BinaryField(max_length=1023, verbose_name='COSE public key data')),
                ('transports', models.JSONField(default=list, editable=False, verbose_name='transports')),
                ('sign_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='sign count')),
                ('backup_eligible', models.BooleanField(default=False, editable=False, verbose_name='backup eligible')),
                ('backup_state', models.BooleanField(default=False, editable=False, verbose_name='backup state')),
                ('aaguid', models.CharField(editable=False, max_length=36, verbose_name='AAGUID')),
                ('credential_id_sha256', models.CharField(editable=False, max_length=64, unique=True, verbose_name='hashed credential id')),
                ('discoverable', models.BooleanField(default=None, editable=False, null=True, verbose_name='discoverable')),
                ('rp_id', models.CharField(max_length=253)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passkeys', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('created_at', 'id'),
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PasskeyChallenge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('challenge', models.CharField(max_length=128, unique=True)),
                ('session', models.CharField(max_length=64)),
                ('purpose', models.CharField(choices=[('add', 'add'), ('prove', 'prove')], max_length=8)),
                ('rp_id', models.CharField(max_length=253)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('administrator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passkey_challenges', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['add', 'prove'])), name='accounts_known_purpose')],
            },
        ),
    ]
