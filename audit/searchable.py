"""What a search looks through: the lines of an event, folded as the term will be."""

from django.db import connection

from audit.canonical import canonical_json, fold, leaves
from audit.models import AuditEvent

COMPLETED = "(search_text || iif(substr(search_text, -1) = char(10), details, ''))"
"""SQL of the whole text on SQLite; the details' letters are of either case, as LIKE takes them."""


def searchable_text(event: AuditEvent) -> str:
    """All of it; the details come last."""
    return f"{_lines(event)}{fold(canonical_json(event.details))}"


def search_text(event: AuditEvent) -> str:
    """As it is stored: SQLite completes it with the details, where these are ASCII, and keeps them
    once; PostgreSQL's index needs the whole.
    """
    details = canonical_json(event.details)
    if connection.vendor == "sqlite" and details.isascii():
        return _lines(event)
    return f"{_lines(event)}{fold(details)}"


def _lines(event: AuditEvent) -> str:
    """Each ends with a line feed, which the details' JSON never does."""
    target = (event.target_kind, event.target_id, event.target_label)
    parts = (event.sentence, event.user, *target, event.source)
    return fold("\n".join((*parts, *filter(_is_escaped, leaves(event.details)), "")))


def _is_escaped(text: str) -> bool:
    """Whether JSON writes it in a way that nobody would type."""
    return '"' in text or "\\" in text or not text.isprintable()
