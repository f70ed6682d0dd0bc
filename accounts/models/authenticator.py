"""The second factor: an authenticator application, and the codes for the day it is lost."""

from binascii import unhexlify

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_otp.models import Device
from django_otp.util import random_hex

from config.encryption import decrypt, encrypt

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
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"authenticator of {self.user}"

    @property
    def key(self) -> bytes:
        return unhexlify(decrypt(self.encrypted_key))

    def set_new_key(self) -> None:
        """Draw a key; the caller saves."""
        self.encrypted_key = encrypt(random_hex(KEY_BYTES))


class RecoveryCode(models.Model):
    """A single-use code in the place of any second factor; only its digest is stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="accounts_recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.user}"
