"""How far the receiver has taken the files of this machine; beside them, and nowhere else."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from audit.forwarding.errors import ReceiverFailed
from nodes.agent import files

FIRST_PAUSE, LONGEST_PAUSE = 5, 60
"""Seconds."""
Positions = dict[str, tuple[str, int]]
"""By node: a day, and how many bytes of it were taken."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``of`` says which receiver, and since when: of another, only the positions hold."""

    begun: str = ""
    of: str = ""
    taken: Positions = field(default_factory=dict)
    before: Positions = field(default_factory=dict)
    """What ``taken`` was one batch earlier: where to begin again when the receiver was away."""
    is_sealed: bool = False
    """The receiver ends connections as RFC 5425 asks, and has to from then on."""
    taken_at: str = ""
    away_since: str = ""
    failures: int = 0
    """In a row."""
    retry_at: str = ""
    error_code: str = ""
    error_detail: str = ""

    @property
    def is_due(self) -> bool:
        return not self.retry_at or datetime.fromisoformat(self.retry_at) <= timezone.now()

    def meant_for(self, receiver: str, *, begun: datetime) -> "Progress":
        """The same, if it is of this receiver; another is tried at once, where the last one was;
        and what was stopped since begins anew.
        """
        if self.begun != begun.isoformat():
            return Progress(begun=begun.isoformat(), of=receiver)
        if self.of == receiver:
            return self
        return Progress(self.begun, receiver, taken=self.before, before=self.before)

    def after(self, taken: Positions, *, is_sealed: bool) -> "Progress":
        """When the receiver has read up to there."""
        return Progress(
            self.begun,
            self.of,
            taken=taken,
            before=self.taken,
            is_sealed=is_sealed,
            taken_at=timezone.now().isoformat(),
        )

    def after_failure(self, failure: ReceiverFailed) -> "Progress":
        """Again later, and later still; what it took last may be lost with it, and goes again."""
        now = timezone.now()
        pause = min(FIRST_PAUSE * 2 ** min(self.failures, 10), LONGEST_PAUSE)
        return replace(
            self,
            taken=self.before,
            away_since=self.away_since or now.isoformat(),
            failures=self.failures + 1,
            retry_at=(now + timedelta(seconds=pause)).isoformat(),
            error_code=failure.code,
            error_detail=failure.detail[:500],
        )


def load(root: Path) -> Progress:
    """Nothing was sent, as far as is known, where the file is missing or damaged."""
    try:
        held = json.loads(files.read(_path(root)) or "{}")
        positions = {
            name: {node: (str(day), int(at)) for node, (day, at) in held.get(name, {}).items()}
            for name in ("taken", "before")
        }
        return Progress(**held | positions)
    except (ValueError, TypeError, AttributeError):
        return Progress()


def save(root: Path, progress: Progress) -> None:
    files.replace(_path(root), json.dumps(asdict(progress)), mode=0o600)


@contextmanager
def alone(root: Path) -> Iterator[bool]:
    """Whether nobody else sends from here; for as long as the block, or the process, lasts."""
    with (root / "forwarding.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _path(root: Path) -> Path:
    return root / "forwarding.json"
