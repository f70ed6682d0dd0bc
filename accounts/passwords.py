"""What a password may be, and passwords that work once."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.errors import PasswordNotAcceptable
from accounts.models import Administrator

MAXIMUM_LENGTH = 256
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or digit that looks like another."""
GROUPS, GROUP_LENGTH = 4, 5


class MaximumLengthValidator:
    """Nobody can make the hasher work on a megabyte."""

    def validate(self, password: str, user: Administrator | None = None) -> None:
        if len(password) > MAXIMUM_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return f"Your password can have at most {MAXIMUM_LENGTH} characters."


def check_acceptable(password: str, administrator: Administrator, *, field: str) -> None:
    """Raise ``PasswordNotAcceptable`` with every reason why ``password`` will not do."""
    try:
        validate_password(password, administrator)
    except ValidationError as refused:
        raise PasswordNotAcceptable(reasons=" ".join(refused.messages), field=field) from None


def draw_one_time_password() -> str:
    """About 99 bits, in four groups that can be read over the telephone."""
    groups = ("".join(secrets.choice(READABLE) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
