"""Domain errors: the facts that services raise, and that the edges translate once."""

from typing import ClassVar

from django.utils.translation import gettext, gettext_noop

from config.sentences import say_values


class DomainError(Exception):
    """A refusal with a stable ``code``, a sentence that says what to do, and the field it concerns.

    ``message`` is a format string, filled when the error is raised, so that a wrong placeholder
    fails in the first test. ``detail``, what programs, the log and the trail get, is English in
    every language. ``status`` is the HTTP status at the API's edge.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str] = gettext_noop("The request was refused.")
    status: ClassVar[int] = 400
    retry_after: ClassVar[int | None] = None

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        self.field = field
        self.values = values
        self.detail = self.message.format(**values)
        super().__init__(self.detail)

    @property
    def shown(self) -> str:
        """``detail`` in the language of the page that shows it."""
        return gettext(self.message).format(**say_values(self.values))


class Invalid(DomainError):
    """A value that cannot be accepted (400)."""

    code = "invalid"
    status = 400


class Refused(DomainError):
    """The actor may not do this (403)."""

    code = "permission_denied"
    status = 403


class Missing(DomainError):
    """The thing that was named does not exist (404)."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The state of things does not allow it now (409)."""

    code = "conflict"
    status = 409


class Unavailable(DomainError):
    """Something that is needed does not answer (503)."""

    code = "unavailable"
    status = 503
    retry_after = 5
