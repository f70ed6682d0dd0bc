"""Whether an export is as it was made: by what it says itself, without the trail."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.export.manifest import Tally
from audit.export.reading import Unfit, bounded, check_manifest, checked_rows, opened, signer_of


@dataclass(frozen=True, slots=True)
class Checked:
    """How many events fitted, and what is wrong, if anything is."""

    events: int
    problem: str
    signer: int | None = None
    """The node that signed the manifest; None for nobody."""
    last_hash: str = ""


def check_export(path: Path, *, key: str = "") -> Checked:
    """JSON lines, a sealed export or an archive; raises OSError where there is no file to read.

    ``key`` is the signer's identity key; without it, the cluster's own nodes may have signed.
    """
    tally = Tally()
    try:
        if zipfile.is_zipfile(path):
            return _check_sealed(path, tally, key=key)
        with path.open("rb") as lines:
            _read_all(checked_rows(bounded(lines), tally))
    except Unfit as unfit:
        return Checked(tally.count, str(unfit))
    return Checked(tally.count, "")


def _check_sealed(path: Path, tally: Tally, *, key: str) -> Checked:
    with opened(path) as sealed:
        _read_all(checked_rows(sealed.lines, tally))
        check_manifest(sealed, tally)
        last_hash = tally.last["hash"] if tally.last else ""
        return Checked(tally.count, "", signer_of(sealed, key=key), last_hash)


def _read_all(rows: Iterator[object]) -> None:
    for _ in rows:
        pass
