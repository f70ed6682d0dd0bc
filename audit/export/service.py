"""Exporting is an act of its own, and recorded before the first event leaves."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive import travelling
from audit.export.formats import as_csv, as_json_lines, sealed
from audit.export.manifest import Tally
from audit.export.past import archived_rows, archives_before
from audit.export.rows import Row, export_rows
from audit.search.question import Question, Span, span_of
from audit.services import head, record

CHUNK = 64 * 1024


class ExportFormat(TextChoices):
    CSV = "csv", "CSV"
    JSON_LINES = "jsonl", _("JSON lines")
    SEALED = "sealed", _("sealed: JSON lines with a manifest")


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON_LINES: "application/x-ndjson",
    ExportFormat.SEALED: "application/zip",
}
SUFFIXES = {ExportFormat.SEALED: "zip"}


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is made while it is read."""

    name: str
    media_type: str
    chunks: Iterator[bytes]
    tally: Tally
    """What went by; complete at the end."""


def export(question: Question, *, actor: Actor, form: ExportFormat) -> Export:
    """Events that fit, oldest first, up to the newest of now; raises ``AuditUnavailable``."""
    span, asked = span_of(question), _describe(question)
    about = _about(actor, asked)
    _note(form, asked, actor=actor, span=span)
    return _make(export_rows(question, span), form=form, about=about)


def export_everything(*, actor: Actor) -> Export:
    """The whole trail, sealed, with what archives have of it; the manifest's ``left_out`` is the
    last event that no archive can give any more, and it promises the imported archives, which
    whoever writes the file encloses. Raises ``AuditUnavailable``.
    """
    question = Question()
    span = span_of(question)
    archives, left_out = archives_before(span.low)
    first = archives[0].first_id if archives else span.low
    about = _about(actor, {}) | travelling.promise() | ({"left_out": left_out} if left_out else {})
    _note(ExportFormat.SEALED, {}, actor=actor, span=Span(first, span.high))
    rows = chain(archived_rows(archives), export_rows(question, span))
    return _make(rows, form=ExportFormat.SEALED, about=about)


def _about(actor: Actor, asked: dict[str, object]) -> dict[str, Any]:
    return {
        "exported_at": timezone.now().isoformat(),
        "exported_by": actor.name,
        "filter": asked,
        "trail": head(),
    }


@transaction.atomic
def _note(form: ExportFormat, asked: dict[str, object], *, actor: Actor, span: Span) -> None:
    details = {"format": form, "filter": asked, "from": span.low, "to": span.high}
    record(AuditAction.AUDIT_EXPORTED, actor=actor, details=details)


def _make(rows: Iterator[Row], *, form: ExportFormat, about: dict[str, Any]) -> Export:
    tally = Tally()
    name = f"audit-{timezone.now():%Y-%m-%d}.{SUFFIXES.get(form, form.value)}"
    chunks = _in_chunks(_writer(form, about)(rows, tally))
    return Export(name, MEDIA_TYPES[form], chunks, tally)


def _writer(
    form: ExportFormat, about: dict[str, Any]
) -> Callable[[Iterator[Row], Tally], Iterator[bytes]]:
    match form:
        case ExportFormat.CSV:
            return as_csv
        case ExportFormat.JSON_LINES:
            return as_json_lines
        case ExportFormat.SEALED:
            return partial(sealed, about=about)


def _describe(question: Question) -> dict[str, object]:
    """What was given, as JSON has it."""
    given = {name: value for name, value in asdict(question).items() if value}
    return {
        name: list(value) if isinstance(value, tuple) else str(value)
        for name, value in given.items()
    }


def _in_chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
