"""What a search looks through: the lines of an event, folded as the term will be."""

from audit.canonical import canonical_json, fold, leaves
from audit.models import AuditEvent

COMPLETED = {
    "sqlite": "(search_text || iif(substr(search_text, -1) = char(10), details, ''))",
    "postgresql": "(search_text || CASE WHEN right(search_text, 1) = chr(10)"
    " THEN lower(details COLLATE \"C\") ELSE '' END)",
}
"""SQL of the whole text; on SQLite the details' letters are of either case, as LIKE takes them.
PostgreSQL's index is of this very expression.
"""


def searchable_text(event: AuditEvent) -> str:
    """All of it; the details come last."""
    return f"{_lines(event)}{fold(canonical_json(event.details))}"


def search_text(event: AuditEvent) -> str:
    """As it is stored: without the details where these are ASCII, so that they are kept once."""
    details = canonical_json(event.details)
    return _lines(event) if details.isascii() else f"{_lines(event)}{fold(details)}"


def _lines(event: AuditEvent) -> str:
    """Each ends with a line feed, which the details' JSON never does."""
    target = (event.target_kind, event.target_id, event.target_label)
    parts = (event.sentence, event.user, *target, event.source)
    return fold("\n".join((*parts, *filter(_is_escaped, leaves(event.details)), "")))


def _is_escaped(text: str) -> bool:
    """Whether JSON writes it in a way that nobody would type."""
    return '"' in text or "\\" in text or not text.isprintable()
