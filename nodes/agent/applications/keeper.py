"""Keeps what shall run running, whoever ended it: after a crash, a reboot, a removal (S21)."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from nodes.agent.applications import health
from nodes.agent.applications.entries import RUNNING, Entries, Entry
from nodes.agent.applications.errors import ApplicationError
from nodes.agent.applications.podman import Podman
from nodes.agent.applications.processes import born
from nodes.agent.applications.standing import Standings
from nodes.agent.applications.supervision import Supervision

logger = logging.getLogger(__name__)
LOOK_SECONDS = 3.0
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 120.0
IDLE_SECONDS = 60.0
"""Between two times that podman is asked whether what shall not run does."""
STEADY_SECONDS = 60.0
"""Who has run so long begins with the first pause again."""


@dataclass(slots=True)
class _Watched:
    """What the keeper remembers of one application."""

    pid: int = 0
    born: str = ""
    """When the process began, because numbers are given again."""
    pause: float = FIRST_PAUSE
    not_before: float = 0.0
    started_at: float = 0.0
    idle_until: float = 0.0


class Keeper(threading.Thread):
    """Looks at every application every few seconds; without a fault it starts no process."""

    def __init__(
        self,
        entries: Entries,
        podman: Podman,
        supervision: Supervision,
        standings: Standings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="applications", daemon=True)
        self._entries = entries
        self._podman = podman
        self._supervision = supervision
        self._standings = standings
        self._monotonic = monotonic
        self._watched: dict[str, _Watched] = {}

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Once at everything that nobody is changing."""
        names = self._entries.names()
        self._watched = {name: self._watched.get(name) or _Watched() for name in names}
        for name in names:
            with self._standings.unless_held(name) as is_free:
                if is_free:
                    self._look_at(name, self._watched[name])

    def _look_at(self, name: str, watched: _Watched) -> None:
        """Whatever one of them is like, the others are looked after too."""
        try:
            entry = self._entries.find(name)
            if entry is not None:
                self._note(entry, is_running=self._keep(entry, watched))
        except (ApplicationError, OSError, ValueError) as error:
            self._standings.note(name, state="failed", health="unhealthy", detail=str(error))

    def _keep(self, entry: Entry, watched: _Watched) -> bool:
        """As it shall be; whether it runs."""
        is_running = self._is_running(entry, watched)
        if entry.wanted == RUNNING and not is_running:
            return self._start(entry, watched)
        if entry.wanted != RUNNING and is_running:
            self._supervision.stop(entry)
            return False
        return is_running

    def _is_running(self, entry: Entry, watched: _Watched) -> bool:
        if watched.pid and born(watched.pid) == watched.born:
            return True
        if entry.wanted != RUNNING:
            if self._monotonic() < watched.idle_until:
                return False
            watched.idle_until = self._monotonic() + IDLE_SECONDS
        found = self._podman.find(entry.name)
        watched.pid = found.pid if found and found.is_running else 0
        watched.born = born(watched.pid) if watched.pid else ""
        return bool(watched.born)

    def _start(self, entry: Entry, watched: _Watched) -> bool:
        """Again, but not all the time: each failure doubles the pause."""
        now = self._monotonic()
        if now < watched.not_before:
            return False
        is_steady = now - watched.started_at > STEADY_SECONDS
        watched.pause = FIRST_PAUSE if is_steady else min(2 * watched.pause, LONGEST_PAUSE)
        watched.not_before, watched.started_at = now + watched.pause, now
        logger.info("application_started", extra={"application": entry.name})
        self._supervision.start(entry)
        return self._is_running(entry, watched)

    def _note(self, entry: Entry, *, is_running: bool) -> None:
        if entry.wanted != RUNNING:
            said = {"state": "stopped", "health": "unknown", "detail": ""}
        elif not is_running:
            said = {"state": "failed", "health": "unhealthy", "detail": "It ends again and again."}
        else:
            fault = health.find_fault(entry)
            is_asked = entry.definition.health.kind != "none"
            well = "healthy" if is_asked else "unknown"
            said = {"state": "running", "health": "unhealthy" if fault else well, "detail": fault}
        self._standings.note(entry.name, revision=entry.revision, **said)
