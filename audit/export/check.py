"""Whether an export is as it was made: by what it says itself, without any database."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.canonical import canonical_json
from audit.chain import HASHED, digest, link
from audit.export.manifest import Tally


@dataclass(frozen=True, slots=True)
class Checked:
    """How many events fitted, and what is wrong, if anything is."""

    events: int
    problem: str


def check_export(path: Path) -> Checked:
    """JSON lines, or a sealed export; raises OSError where there is no file to read."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as lines:
            return _check_lines(lines, Tally())
    try:
        with zipfile.ZipFile(path) as archive, archive.open("events.jsonl") as lines:
            return _check_sealed(lines, json.loads(archive.read("manifest.json")))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        return Checked(0, f"This is no sealed export: {error}.")


def _check_sealed(lines: Iterable[bytes], manifest: dict[str, Any]) -> Checked:
    tally = Tally()
    checked = _check_lines(lines, tally)
    if checked.problem:
        return checked
    for name, found in (
        ("count", tally.count),
        ("first", tally.first),
        ("last", tally.last),
        ("sha256", tally.digest.hexdigest()),
    ):
        if manifest.get(name) != found:
            return Checked(tally.count, f"The manifest names another {name}.")
    return checked


def _check_lines(lines: Iterable[bytes], tally: Tally) -> Checked:
    for line, row in _read(lines):
        if row is None or not _fits(row):
            return Checked(tally.count, f"Line {tally.count + 1} is not as it was exported.")
        if tally.last is not None and not _follows(row, tally.last):
            return Checked(tally.count, f"Event {row['id']} does not follow the one before it.")
        tally.add(row, line)
    return Checked(tally.count, "")


def _read(lines: Iterable[bytes]) -> Iterator[tuple[bytes, dict[str, Any] | None]]:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        yield line, row if isinstance(row, dict) else None


def _fits(row: dict[str, Any]) -> bool:
    """By its own digests."""
    try:
        details = digest(canonical_json(row["details"]), salt=row["details_salt"])
        values = [row[name] for name in HASHED[row["version"]]]
        linked = link(values, version=row["version"], previous=row["previous"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return bool(details == row["details_digest"] and linked == row["hash"])


def _follows(row: dict[str, Any], last: dict[str, Any]) -> bool:
    """Later; and where no event lies between them, linked."""
    if row["id"] == last["id"] + 1:
        return bool(row["previous"] == last["hash"])
    return bool(row["id"] > last["id"])
