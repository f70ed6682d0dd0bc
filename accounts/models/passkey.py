"""Passkeys (WebAuthn): a second factor that is bound to the console's name."""

from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_otp_webauthn.models import AbstractWebAuthnCredential

from audit.actor import Target

ANSWERED_WITHIN = timedelta(minutes=5)
"""How long a challenge waits for its answer."""


class Passkey(AbstractWebAuthnCredential):  # type: ignore[misc]  # untyped base
    """One person's public key, made by a browser for one name of the console (W3C WebAuthn)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys"
    )
    sign_count = models.PositiveBigIntegerField(default=0)
    """As its authenticator last said, which has 32 bits for it."""
    rp_id = models.CharField(max_length=253)
    """The name that the browser bound it to: this host's, or a domain that it belongs to."""

    class Meta:
        ordering = ("created_at", "id")
        indexes: ClassVar[list[models.Index]] = []  # the digest is unique, which is an index

    def __str__(self) -> str:
        return str(self.name)

    @property
    def public_id(self) -> str:
        """Names it, on every node alike."""
        return str(self.credential_id_sha256)

    @property
    def audit_target(self) -> Target:
        return Target(kind="passkey", id=self.public_id, label=self.name)


class PasskeyChallengeQuerySet(models.QuerySet["PasskeyChallenge"]):
    """Queries about age."""

    def waiting(self) -> "PasskeyChallengeQuerySet":
        return self.filter(made_at__gt=timezone.now() - ANSWERED_WITHIN)

    def expired(self) -> "PasskeyChallengeQuerySet":
        return self.filter(made_at__lte=timezone.now() - ANSWERED_WITHIN)


class PasskeyChallenge(models.Model):
    """A question that one session may have answered once: random bytes for a passkey to sign."""

    class Purpose(models.TextChoices):
        ADD = "add", "add"
        PROVE = "prove", "prove"

    challenge = models.CharField(max_length=128, unique=True)
    """As the browser sends it back (base64url)."""
    administrator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkey_challenges"
    )
    session = models.CharField(max_length=64)
    """Digest of a random mark that the session holds."""
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    rp_id = models.CharField(max_length=253)
    made_at = models.DateTimeField(default=timezone.now)

    objects = PasskeyChallengeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=["add", "prove"]), name="accounts_known_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"challenge for {self.administrator}"


def digest_of(mark: str) -> str:
    """What is stored of a session's mark."""
    return sha256(mark.encode()).hexdigest()
