"""Cursor pages: ``{next, previous, results}``, stable while rows are added."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Newest first unless the view says otherwise; ``page_size`` up to 200."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
