"""The pre-flight as a table: a row for each node that looked, a column for each thing it saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.utils.translation import gettext, gettext_noop

from cluster.services.preflight import Check, Kind, Preflight

COLUMNS = {
    Kind.ANSWER: gettext_noop("Answers"),
    Kind.NAME: gettext_noop("Name"),
    Kind.ADDRESS: gettext_noop("Address"),
    Kind.HTTPS: gettext_noop("HTTPS"),
    Kind.VPN: gettext_noop("VPN"),
    Kind.VERSION: gettext_noop("Version"),
    Kind.STATE: gettext_noop("State"),
    Kind.CLOCK: gettext_noop("Clock"),
    Kind.ELIGIBLE: gettext_noop("May lead"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one node saw of one thing; nothing where it did not look."""

    column: str
    check: Check | None

    @property
    def meaning(self) -> str:
        if self.check is None:
            return "none"
        if self.check.is_warning:
            return "warning"
        return "ok" if self.check.ok else "danger"

    @property
    def word(self) -> str:
        words = {
            "ok": gettext("OK"),
            "warning": gettext("Warning"),
            "danger": gettext("Failed"),
            "none": "",
        }
        return words[self.meaning]


@dataclass(frozen=True, slots=True)
class Row:
    """What one node saw."""

    origin: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole table, and the sentences of what is wrong."""

    ok: bool
    columns: Sequence[str]
    rows: Sequence[Row]
    failures: Sequence[Check]
    warnings: Sequence[Check]
    checks: Sequence[Check]


def matrix(preflight: Preflight) -> Matrix:
    """Columns that nobody has anything to say of are left out."""
    looked_at = {check.kind for check in preflight.checks}
    kinds = [kind for kind in COLUMNS if kind in looked_at]
    by_origin = groupby(preflight.checks, key=attrgetter("origin"))
    return Matrix(
        ok=preflight.ok,
        columns=[gettext(COLUMNS[kind]) for kind in kinds],
        rows=[Row(origin, _cells(kinds, checks)) for origin, checks in by_origin],
        failures=preflight.failures,
        warnings=preflight.warnings,
        checks=preflight.checks,
    )


def _cells(kinds: Iterable[Kind], checks: Iterable[Check]) -> list[Cell]:
    found = {check.kind: check for check in checks}
    return [Cell(gettext(COLUMNS[kind]), found.get(kind)) for kind in kinds]
