"""How each application is, as the next sync tells it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

MOST = 200
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """One application, at its last look."""

    revision: int = 0
    state: str = "unknown"
    """``running``, ``stopped`` or ``failed``."""
    health: str = "unknown"
    """``healthy``, ``unhealthy``, or ``unknown`` where nobody asks."""
    doing: str = ""
    """What is being done with it now."""
    detail: str = ""
    """Why it is not well."""


class Standings:
    """Known to the verbs that change applications and to the keeper that looks after them."""

    def __init__(self, *, kept_by: str, on_change: Callable[[], None]) -> None:
        self._kept_by = kept_by
        self._on_change = on_change
        self._known: dict[str, Standing] = {}
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._released = threading.Condition(self._lock)

    def note(self, name: str, **values: Any) -> None:
        """Change what is known; a sync tells it soon if that is anything new."""
        with self._lock:
            before = self._known.get(name, Standing())
            self._known[name] = now = replace(before, **values)
        if now != before:
            self._on_change()

    def forget(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)
        self._on_change()

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """While it is being changed: nobody else touches it then. Waits for whoever does now."""
        with self._released:
            self._released.wait_for(lambda: name not in self._held)
            self._held.add(name)
        try:
            yield
        finally:
            self._release(name)

    @contextmanager
    def unless_held(self, name: str) -> Iterator[bool]:
        """The same for who does not wait; false where somebody else is at it."""
        with self._lock:
            is_free = name not in self._held
            if is_free:
                self._held.add(name)
        try:
            yield is_free
        finally:
            if is_free:
                self._release(name)

    def _release(self, name: str) -> None:
        with self._released:
            self._held.discard(name)
            known = self._known.get(name)
            if known is not None:
                self._known[name] = replace(known, doing="")
            self._released.notify_all()

    def report(self) -> dict[str, Any]:
        """For the leader, within bounds."""
        with self._lock:
            listed = sorted(self._known.items())[:MOST]
        return {
            name: asdict(replace(standing, detail=standing.detail[:LONGEST]))
            | {"kept_by": self._kept_by}
            for name, standing in listed
        }
