"""An export's bytes, as they are made."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from audit.export.manifest import Tally, make_manifest
from audit.export.reading import MANIFEST, PLAIN
from audit.export.rows import COLUMNS, Row
from audit.models import sentence_of

TABLE = (*COLUMNS[: COLUMNS.index("outcome")], "sentence", *COLUMNS[COLUMNS.index("outcome") :])
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would calculate instead of showing."""

Rows = Iterator[Row]


def as_csv(rows: Rows, tally: Tally) -> Iterator[bytes]:
    """A table for people: a text that a spreadsheet would take for a formula gets a quote mark."""
    yield _csv_line(TABLE)
    for row in rows:
        values = {**row, "sentence": sentence_of(row["action"])}
        line = _csv_line([_shown(values[name]) for name in TABLE])
        tally.add(row, line)
        yield line


def as_json_lines(rows: Rows, tally: Tally) -> Iterator[bytes]:
    """One object a line, for programs; the details as an object."""
    for row in rows:
        rest = json.dumps(
            {name: row[name] for name in COLUMNS if name != "details"}, ensure_ascii=False
        )
        line = f'{rest[:-1]}, "details": {row["details"]}}}\n'.encode()
        tally.add(row, line)
        yield line


def sealed(rows: Rows, tally: Tally, *, about: dict[str, Any]) -> Iterator[bytes]:
    """A ZIP file of JSON lines and their manifest."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(PLAIN, "w", force_zip64=True) as member:
            for line in as_json_lines(rows, tally):
                member.write(line)
                yield sink.take()
        archive.writestr(MANIFEST, make_manifest(tally, about=about))
    yield sink.take()


class _Sink(io.RawIOBase):
    """Keeps what was written until it is taken; has no way back, so ZIP sizes come afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _csv_line(values: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode()


def _shown(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
