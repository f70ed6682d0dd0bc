"""The second factor: an authenticator application, and the codes for the day it is lost."""

from binascii import unhexlify
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_otp.models import Device
from django_otp.util import random_hex

from config.encryption import decrypt, encrypt

WRONG_CODES_ALLOWED = 10
FORGIVEN_AFTER = timedelta(hours=1)
KEY_BYTES = 20
"""RFC 4226 recommends 160 bits."""


class Authenticator(Device):  # type: ignore[misc]  # untyped base
    """One person's TOTP key (RFC 6238: SHA-1, 6 digits, 30 seconds), encrypted (S51, S52)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator"
    )
    encrypted_key = models.TextField()
    last_step = models.BigIntegerField(default=-1)
    """Time step of the last code that was accepted: no code is accepted twice."""
    failures = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"authenticator of {self.user}"

    @property
    def key(self) -> bytes:
        return unhexlify(decrypt(self.encrypted_key))

    @property
    def is_blocked(self) -> bool:
        """Too many wrong codes, less than an hour ago."""
        return self.failures >= WRONG_CODES_ALLOWED and not self._has_old_failures()

    def forgive_old_failures(self) -> None:
        """Begin to count anew after an hour without a wrong code; the caller saves."""
        if self._has_old_failures():
            self.failures, self.failed_at = 0, None

    def set_new_key(self) -> None:
        """Draw a key; the caller saves."""
        self.encrypted_key = encrypt(random_hex(KEY_BYTES))

    def _has_old_failures(self) -> bool:
        failed_at = self.failed_at
        return failed_at is not None and timezone.now() - failed_at >= FORGIVEN_AFTER


class RecoveryCode(models.Model):
    """A single-use code in the authenticator's place; only its digest is stored."""

    authenticator = models.ForeignKey(
        Authenticator, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authenticator", "digest"], name="accounts_recovery_code_once"
            )
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.authenticator.user}"
