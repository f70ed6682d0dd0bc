"""What a password may be, and passwords that work once."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from accounts import context_words
from accounts.errors import PasswordNotAcceptable
from accounts.models import Administrator
from accounts.readable import draw_readable

MAXIMUM_LENGTH = 256


class MaximumLengthValidator:
    """Nobody can make the hasher work on a megabyte."""

    def validate(self, password: str, user: Administrator | None = None) -> None:
        if len(password) > MAXIMUM_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return gettext("Your password can have at most %(number)d characters.") % {
            "number": MAXIMUM_LENGTH
        }


class ContextValidator:
    """No password is made of what this place calls itself (NIST SP 800-63B, 5.1.1.2)."""

    def validate(self, password: str, user: Administrator | None = None) -> None:
        found = context_words.find(password, user or Administrator())
        if found:
            said = ", ".join(f"“{word}”" for word in found)
            raise ValidationError(
                gettext("The password contains %(words)s, which is easy to guess here."),
                code="password_contextual",
                params={"words": said},
            )

    def get_help_text(self) -> str:
        return gettext(
            "Your password cannot contain your name, or that of the cluster or of a host."
        )


def check_acceptable(password: str, administrator: Administrator, *, field: str) -> None:
    """Raise ``PasswordNotAcceptable`` with every reason why ``password`` will not do."""
    try:
        validate_password(password, administrator)
    except ValidationError as refused:
        raise PasswordNotAcceptable(reasons=" ".join(refused.messages), field=field) from None


def draw_one_time_password() -> str:
    """About 99 random bits."""
    return draw_readable(groups=4, length=5)
