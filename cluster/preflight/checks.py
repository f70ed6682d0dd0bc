"""What a pre-flight says: one line for each node and each thing that was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was looked at."""

    ANSWER = "answer"
    NAME = "name"
    ADDRESS = "address"
    HTTPS = "https"
    VPN = "vpn"
    VERSION = "version"
    STATE = "state"
    CLOCK = "clock"
    ELIGIBLE = "eligible"


@dataclass(frozen=True, slots=True)
class Check:
    """One result; ``code`` says what is wrong, also of a warning, for which ``ok`` stays true."""

    origin: str
    """Where it was looked from, such as ``node2``."""
    kind: str
    ok: bool
    detail: str
    """A sentence that names what was probed, and says what to do (S37)."""
    code: str = ""

    @property
    def is_warning(self) -> bool:
        return self.ok and self.code != ""


@dataclass(frozen=True, slots=True)
class Preflight:
    """All results, by node."""

    ok: bool
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, checks: Iterable[Check]) -> "Preflight":
        made = tuple(checks)
        return cls(ok=all(check.ok for check in made), checks=made)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    @property
    def warnings(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.is_warning)
