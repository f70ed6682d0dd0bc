"""Administrators."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from audit.actor import Target


class AdministratorManager(BaseUserManager["Administrator"]):
    """Natural-key look-ups; accounts are made by ``accounts.services``."""


class Administrator(AbstractBaseUser):
    """A person who manages the cluster, or reads it (S42, S43)."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "administrator"
        AUDITOR = "auditor", "auditor"

    username = models.CharField(
        max_length=32, unique=True, validators=[RegexValidator(r"\A[a-z_][a-z0-9_-]{0,31}\Z")]
    )
    full_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.ADMINISTRATOR)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    allowed_networks = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = AdministratorManager()

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        """Every account may enter the console; what it may do there is its role's business."""
        return self.is_active

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Administrator.Role.ADMINISTRATOR

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_superuser or (self.is_active and ".view_" in perm)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active

    @property
    def audit_target(self) -> Target:
        return Target(kind="administrator", id=self.username, label=self.username)
