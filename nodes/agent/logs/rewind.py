"""Begins to read a little earlier than rsyslog left off.

Lines that were on their way without an answer are lost to an rsyslog that ends. They are read
again, at most a few hundred, and have the same id again: who reads the store knows them by it.
"""

import json
import logging
from pathlib import Path
from typing import Any, BinaryIO

from nodes.agent import files
from nodes.agent.logs.sources import has_journal
from nodes.agent.logs.text import AT_ONCE, WINDOW
from nodes.agent.vpn import system
from nodes.agent.vpn.system import CommandFailed

logger = logging.getLogger(__name__)
LINES = 2 * AT_ONCE + WINDOW
"""On their way, read but not sent, and read after the position was noted."""
BLOCK = 65_536
FARTHEST = 256 * BLOCK


def rewind_all(work: Path) -> None:
    """Every file and the journal, as far as rsyslog has noted where it was."""
    for state in work.glob("imfile-state:*"):
        _rewind_file(state)
    cursor = files.read(work / "journal.state")
    if cursor:
        _rewind_journal(work / "journal.state", cursor.strip())
    elif has_journal():
        _begin_journal(work / "journal.state")


def read_position(state: Path) -> tuple[Path, int] | None:
    """The file and how far it was read; None where it was rotated or removed since."""
    try:
        noted: dict[str, Any] = json.loads(state.read_text())
        path, offset = Path(noted["filename"]), int(noted["curr_offs"])
        found = path.stat()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_same = state.name.split(":")[1] == str(found.st_ino)
    return (path, offset) if is_same and offset <= found.st_size else None


def _rewind_file(state: Path) -> None:
    position = read_position(state)
    if position is None:
        return
    path, offset = position
    with path.open("rb") as file:
        earlier = find_earlier(file, offset)
    noted = json.loads(state.read_text()) | {"curr_offs": earlier, "strt_offs": earlier}
    files.replace(state, json.dumps(noted), mode=0o600)


def find_earlier(file: BinaryIO, offset: int, *, lines: int = LINES) -> int:
    """Where the line begins that is so many lines before ``offset``."""
    end, seen = offset, 0
    while end > 0 and offset - end < FARTHEST:
        begin = max(0, end - BLOCK)
        file.seek(begin)
        block = file.read(end - begin)
        count = block.count(b"\n")
        if seen + count > lines:
            return begin + _find_from_the_end(block, seen + count - lines)
        seen, end = seen + count, begin
    return 0 if end == 0 else offset


def _find_from_the_end(block: bytes, ordinal: int) -> int:
    """Behind the line's end of this number, counted from the block's beginning."""
    place = -1
    for _ in range(ordinal):
        place = block.index(b"\n", place + 1)
    return place + 1


def _rewind_journal(state: Path, cursor: str) -> None:
    _place(state, f"--cursor={cursor}", "--reverse", f"--lines={LINES}")


def _begin_journal(state: Path) -> None:
    """From now on, also for an rsyslog that is killed before it has noted where it was."""
    _place(state, "--lines=1")


def _place(state: Path, *query: str) -> None:
    """At the last of the lines that are asked for."""
    try:
        listed = system.run(
            "journalctl", *query, "--output=json", "--output-fields=_PID", "--quiet"
        )
        cursor = json.loads(listed.strip().rsplit("\n", 1)[-1])["__CURSOR"]
    except (CommandFailed, ValueError, KeyError) as error:
        logger.warning("journal_not_placed", extra={"detail": str(error)})
        return
    files.replace(state, str(cursor), mode=0o600)
