"""Keeps this node's rsyslog as the state wants it, and says how it is."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodes.agent.logs.place import Place, find_place
from nodes.agent.logs.process import Rsyslog, find_binary
from nodes.agent.logs.rewind import read_position
from nodes.agent.logs.sources import Sources, find_sources, has_plugin
from nodes.agent.logs.text import applications_dir, render, render_senders, work_dir
from nodes.agent.store import Holding

logger = logging.getLogger(__name__)
LOOK_SECONDS = 3.0
FIRST_PAUSE, LONGEST_PAUSE = 3.0, 120.0
MEBIBYTE = 1024 * 1024
NOWHERE = {"state": "off", "detail": "", "behind_mib": 0}


class Shipper(threading.Thread):
    """Level-triggered: every few seconds, and at once when the state changes (S29)."""

    def __init__(
        self,
        state_dir: Path,
        *,
        holding: Callable[[], Holding],
        on_change: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="logs", daemon=True)
        self._state_dir = state_dir
        self._holding = holding
        self._on_change = on_change
        self._monotonic = monotonic
        self._rsyslog = Rsyslog(work_dir(state_dir))
        self._kicked = threading.Event()
        self._pause, self._not_before = FIRST_PAUSE, 0.0
        self._said: dict[str, Any] = dict(NOWHERE)

    def kick(self) -> None:
        """Look now."""
        self._kicked.set()

    def report(self) -> dict[str, Any]:
        """For the next sync: whether logs are shipped, and how much waits for it."""
        return self._said

    def run(self) -> None:
        while True:
            self._kicked.clear()
            self.look()
            self._kicked.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Once: begin, change, begin again or end."""
        try:
            said = self._look()
        except OSError as error:
            said = NOWHERE | {"state": "failed", "detail": str(error)}
        has_changed, self._said = said != self._said, said
        if has_changed:
            self._on_change()

    def stop(self) -> None:
        self._rsyslog.stop()

    def _look(self) -> dict[str, Any]:
        place = find_place(self._holding())
        if place is None:
            self._rsyslog.stop()
            return dict(NOWHERE)
        sources = find_sources()
        lacking = find_lacking(place, sources)
        if lacking:
            return NOWHERE | {"state": "missing", "detail": lacking}
        self._make_directories(place)
        if place.is_store:
            self._rsyslog.tell_senders(render_senders(place))
        return self._keep_running(self._render(place, sources))

    def _render(self, place: Place, sources: Sources) -> str:
        listens = place.is_store and is_own_address(place.address)
        return render(place, sources, state_dir=self._state_dir, listens=listens)

    def _make_directories(self, place: Place) -> None:
        needed = [work_dir(self._state_dir), applications_dir(self._state_dir)]
        if place.is_store:
            needed.append(self._state_dir / "logs")
        for directory in needed:
            directory.mkdir(parents=True, exist_ok=True, mode=0o750)

    def _keep_running(self, config: str) -> dict[str, Any]:
        if self._rsyslog.is_running_with(config):
            self._pause = FIRST_PAUSE
            return {"state": "running", "detail": "", "behind_mib": self._behind()}
        if not self._rsyslog.is_running and self._monotonic() < self._not_before:
            return NOWHERE | {"state": "failed", "detail": self._rsyslog.last_words()}
        self._not_before = self._monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._rsyslog.start(config)
        return {"state": "running", "detail": "", "behind_mib": self._behind()}

    def _behind(self) -> int:
        """Whole MiB that are written here and not yet sent."""
        states = work_dir(self._state_dir).glob("imfile-state:*")
        positions = [position for position in map(read_position, states) if position]
        unread = (path.stat().st_size - offset for path, offset in positions)
        return sum(unread) // MEBIBYTE


def find_lacking(place: Place, sources: Sources) -> str:
    """What to install before anything can be shipped from here, or nothing."""
    packages = [] if find_binary() else ["rsyslog"]
    if not has_plugin("imrelp" if place.is_store else "omrelp"):
        packages.append("rsyslog-relp")
    if packages:
        return f"Install what is missing there: apt install {' '.join(packages)}"
    if sources.journal and not has_plugin("imjournal"):
        return "Install an rsyslog there that has its plugin imjournal."
    return ""


def is_own_address(address: str) -> bool:
    """Whether the VPN is up here, so that rsyslog can listen there."""
    with socket.socket(socket.AF_INET) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
