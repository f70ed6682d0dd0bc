"""Cursor pages: ``{next, previous, results}``, stable while rows are added."""

from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination


class UnknownCursor(ValidationError):
    """A cursor that was never handed out."""

    def __init__(self) -> None:
        super().__init__({"cursor": ["This is no cursor of this list."]}, code="invalid_cursor")


class CursorPages(CursorPagination):
    """Newest first unless the view says otherwise; ``page_size`` up to 200."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Any) -> int:
        """How many rows are wanted; raises ValidationError for what is no number of rows."""
        _check_page_size(request.query_params.get(self.page_size_query_param))
        return super().get_page_size(request) or self.page_size

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        """A page; raises ``UnknownCursor``, or ValidationError for what is no number of rows."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValueError, InvalidValue):
            raise UnknownCursor() from None


def _check_page_size(given: str | None) -> None:
    is_number = given is None or (given.isascii() and given.isdigit() and int(given[:9]) > 0)
    if not is_number:
        raise ValidationError({"page_size": ["Give a number from 1 to 200."]}, code="invalid")
