"""What is looked for in logs, and how a line is passed over without reading it."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from cluster.logs.marks import NAMED, severity_tag, tag_marks, text_marks
from cluster.logs.record import SEVERITIES, Record

PLAIN = re.compile(r"[A-Za-z0-9 _.,:;=@-]+")
"""What JSON writes as it is."""
FOLDED = re.compile(
    "|".join(
        character
        for character in map(chr, range(0x80, 0xFB07))
        if any(folded.isascii() for folded in character.casefold())
    ).encode()
)
"""Characters that are compared as ASCII letters, such as the sharp s."""


@dataclass(frozen=True)
class Question:
    """Everything that is given must fit; ``severity`` is the least severe that does."""

    node: int | None = None
    application: str = ""
    unit: str = ""
    program: str = ""
    severity: str = ""
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""

    def fits(self, record: Record) -> bool:
        """Whether the record is looked for, its time aside."""
        if any(getattr(self, name) not in ("", getattr(record, name)) for name in NAMED):
            return False
        if self.severity and SEVERITIES.index(record.severity) > self.level:
            return False
        return not self.q or self.q.casefold() in record.message.casefold()

    def may_be_in(self, lines: bytes) -> bool:
        """Whether one of these lines may fit: far faster than reading them."""
        if any(pattern.search(lines) is None for pattern in self._patterns):
            return False
        if not self._word or self._word in lines.lower():
            return True
        return not lines.isascii() and FOLDED.search(lines) is not None

    @cached_property
    def marks(self) -> frozenset[int]:
        """What lines that fit have in an index, all of them."""
        tags = [f"{name}={getattr(self, name)}" for name in NAMED if getattr(self, name)]
        if self.severity:
            tags.append(severity_tag(self.level))
        return frozenset(text_marks(self.q.casefold().split()) | tag_marks(tags))

    @property
    def level(self) -> int:
        return SEVERITIES.index(self.severity) if self.severity else len(SEVERITIES) - 1

    @cached_property
    def begin(self) -> str:
        """As records say it; empty for the beginning."""
        return _text(self.since)

    @cached_property
    def end(self) -> str:
        """As records say it; empty for now."""
        return _text(self.until)

    @cached_property
    def _word(self) -> bytes:
        return max(PLAIN.findall(self.q), key=len, default="").lower().encode()

    @cached_property
    def _patterns(self) -> list[re.Pattern[bytes]]:
        wanted = {name: getattr(self, name) for name in NAMED if _is_plain(getattr(self, name))}
        patterns = [_pattern(name, re.escape(value)) for name, value in wanted.items()]
        if self.severity and self.level < SEVERITIES.index("info"):
            patterns.append(_pattern("severity", f"[0-{self.level}]"))
        return patterns


def _is_plain(value: str) -> bool:
    return bool(value) and PLAIN.fullmatch(value) is not None


def _pattern(name: str, value: str) -> re.Pattern[bytes]:
    return re.compile(f'{json.dumps(name)}:"{value}"'.encode())


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") if moment else ""
