"""How backup files are called, so that each cluster finds its own again and removes no other's.

A restored cluster is another one here: the old one may run on (after a rehearsal), and their
destinations are the same.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

SUFFIX = ".age"
TIME = "%Y%m%dT%H%M%SZ"
TERMS_AHEAD = 1_000
"""A restoration goes so far ahead: more changes of leader than a cluster sees between a backup and
its restoration.
"""
TOLERANCE = timedelta(minutes=5)
"""A clock may be ahead by so much."""


def prefix_of(cluster: str, *, term: int) -> str:
    """Of the cluster with this UUID, and how often it was restored."""
    restored = term // TERMS_AHEAD
    return f"flotilla-{cluster[:8]}-r{restored}-" if restored else f"flotilla-{cluster[:8]}-"


def name_of(prefix: str, *, at: datetime) -> str:
    """``flotilla-1b9d6bcd-20261122T023000Z.age``."""
    return f"{prefix}{at.astimezone(UTC).strftime(TIME)}{SUFFIX}"


def find_outdated(
    names: Iterable[str], *, prefix: str, keep_last: int, keep_days: int | None, now: datetime
) -> list[str]:
    """The cluster's backups that are neither among the newest ``keep_last`` nor younger than
    ``keep_days``.

    Those of a clock that was ahead neither count nor go: they would take the place of the newest.
    """
    made = [(moment, name) for name in names if (moment := read_time(name, prefix)) is not None]
    older = sorted(each for each in made if each[0] <= now + TOLERANCE)[:-keep_last]
    kept_since = now - timedelta(days=keep_days) if keep_days is not None else now
    return [name for moment, name in older if moment < kept_since]


def find_newest(names: Iterable[str], *, prefix: str, now: datetime) -> str | None:
    """The cluster's last backup; one of a clock that was ahead only where there is no other."""
    made = [(moment, name) for name in names if (moment := read_time(name, prefix)) is not None]
    return max(((when <= now + TOLERANCE, name) for when, name in made), default=(True, None))[1]


def read_time(name: str, prefix: str) -> datetime | None:
    """When the backup of that name was made; None for any other file."""
    if not (name.startswith(prefix) and name.endswith(SUFFIX)):
        return None
    try:
        moment = datetime.strptime(  # noqa: DTZ007 - the Z is in the format
            name.removeprefix(prefix).removesuffix(SUFFIX), TIME
        )
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC)
