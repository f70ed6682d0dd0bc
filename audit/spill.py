"""Coming in to look, and root's way back in, work also while the trail cannot be written.

Their events wait in a file, and are taken in when it can be. Everything else is refused meanwhile.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction

from audit.actions import AuditAction
from audit.actor import ActorKind
from audit.append import append
from audit.canonical import canonical_json
from audit.errors import AuditUnavailable
from audit.models import AuditEvent

ENTRY = frozenset(
    {
        AuditAction.LOGIN_SUCCEEDED,
        AuditAction.LOGIN_FAILED,
        AuditAction.LOGGED_OUT,
        AuditAction.RECOVERY_CODE_USED,
        AuditAction.TOKEN_USED_ELSEWHERE,
    }
)
WAY_BACK = frozenset({AuditAction.PASSWORD_RESET, AuditAction.TOTP_DISABLED})
"""Of root only."""
LARGEST = 16 * 1024 * 1024
"""Bytes of the file; whoever tries passwords must not fill the disk."""
KEPT = (
    *("term", "user", "user_kind", "verified", "action", "outcome", "target_kind", "target_id"),
    *("target_label", "node", "source", "user_agent", "interface", "request_id", "details"),
    *("details_salt", "search_text"),
)


def may_wait(event: AuditEvent) -> bool:
    """Whether the event may be written later."""
    is_way_back = event.action in WAY_BACK and event.user_kind == ActorKind.ROOT
    return is_way_back or event.action in ENTRY


def path() -> Path:
    """In the state directory, which is there also where the database is not."""
    return Path(settings.FLOTILLA.STATE_DIR) / "audit-spill.jsonl"


def set_aside(event: AuditEvent, *, at: str) -> None:
    """Write the event to the file, durably; raises ``AuditUnavailable`` if that fails too."""
    kept = {name: getattr(event, name) for name in KEPT}
    kept["details"] = {**event.details, "written_aside_at": at}
    try:
        with _locked() as file:
            if file.seek(0, os.SEEK_END) > LARGEST:
                raise AuditUnavailable()
            file.write(f"{canonical_json(kept)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise AuditUnavailable() from error


def take_in() -> int:
    """Append what waits, and return how many; after a crash in the middle some come twice.

    The file is free while the database is written: whoever holds the one may wait for the other.
    """
    if not path().exists():
        return 0
    with _locked() as file:
        waiting = file.read()
    events = [_as_event(line) for line in waiting.splitlines(keepends=True) if line.endswith(b"\n")]
    with transaction.atomic():
        for event in events:
            append(event)
    with _locked() as file:
        rest = file.read()[len(waiting) :]
        file.seek(0)
        file.truncate()
        file.write(rest)
    return len(events)


def _as_event(line: bytes) -> AuditEvent:
    values: dict[str, Any] = json.loads(line)
    return AuditEvent(**values)


@contextmanager
def _locked() -> Iterator[IO[bytes]]:
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
