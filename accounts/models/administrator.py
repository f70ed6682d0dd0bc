"""Administrators."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target

WRONG_CODES_ALLOWED = 10
FORGIVEN_AFTER = timedelta(hours=1)
HAS_FACTOR = Q(authenticator__confirmed=True) | Q(passkeys__confirmed=True)
"""Whoever has any second factor that is set up."""


class AdministratorQuerySet(models.QuerySet["Administrator"]):
    """Queries about people."""

    def able_to_administer(self) -> "AdministratorQuerySet":
        """Active accounts that may change things: the cluster always keeps one."""
        return self.filter(is_active=True, role=Administrator.Role.ADMINISTRATOR)

    def with_two_factor(self) -> "AdministratorQuerySet":
        """With ``has_two_factor``, in the same query."""
        same = Administrator.objects.filter(pk=OuterRef("pk"))
        return self.annotate(has_two_factor=Exists(same.filter(HAS_FACTOR)))


AdministratorManager = BaseUserManager.from_queryset(AdministratorQuerySet)


class Administrator(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox is untyped
    """A person who manages the cluster, or reads it (S42, S43)."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    class Language(models.TextChoices):
        """Of the console's pages."""

        BROWSER = "", _("as the browser asks for")
        ENGLISH = "en", "English"
        ITALIAN = "it", "Italiano"

    username = models.CharField(
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z_][a-z0-9_-]{0,31}\Z",
                _("Use 1 to 32 lower-case letters, digits, - and _; begin with a letter or _."),
            )
        ],
        error_messages={"unique": _("There is an administrator with this user name.")},
    )
    full_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField("e-mail", blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.ADMINISTRATOR)
    is_active = models.BooleanField("active", default=True)
    language = models.CharField(max_length=8, choices=Language.choices, blank=True, default="")
    """Of the console's pages; empty means what the browser asks for."""
    must_change_password = models.BooleanField(default=False)
    allowed_networks = models.JSONField(default=list, blank=True)
    """Networks (CIDR) that this person may come from; empty means anywhere."""
    created_at = models.DateTimeField(default=timezone.now)
    failures_since_login = models.PositiveIntegerField(default=0)
    """Attempts under this name that failed since its owner last logged in."""
    failures_before_login = models.PositiveIntegerField(default=0)
    """Those between that login and the one before: what its owner was told of."""

    wrong_codes = models.PositiveSmallIntegerField(default=0)
    """Of the second factor, since the last right one."""
    wrong_code_at = models.DateTimeField(null=True)

    came_by_passkey = False
    """Whether a passkey was the second factor of the login that is under way; not stored."""

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AdministratorManager()

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["administrator", "auditor"]), name="accounts_known_role"
            ),
            models.CheckConstraint(
                condition=Q(language__in=["", "en", "it"]), name="accounts_known_language"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        """Every account may enter the console; what it may do there is its role's business."""
        return self.is_active

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Administrator.Role.ADMINISTRATOR

    @property
    def two_factor(self) -> bool:
        """Whether a confirmed second factor is demanded at login (S49)."""
        known = getattr(self, "has_two_factor", None)
        if known is None:
            return Administrator.objects.filter(HAS_FACTOR, pk=self.pk).exists()
        return bool(known)

    @property
    def is_blocked(self) -> bool:
        """Too many wrong codes, less than an hour ago."""
        return self.wrong_codes >= WRONG_CODES_ALLOWED and not self._has_old_failures()

    @property
    def audit_target(self) -> Target:
        return Target(kind="administrator", id=self.username, label=self.username)

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_superuser or (self.is_active and ".view_" in perm)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active

    def forgive_old_codes(self) -> None:
        """Begin to count anew after an hour without a wrong code; the caller saves."""
        if self._has_old_failures():
            self.wrong_codes, self.wrong_code_at = 0, None

    def _has_old_failures(self) -> bool:
        last = self.wrong_code_at
        return last is not None and timezone.now() - last >= FORGIVEN_AFTER
