"""Held calls: many wait, one thread looks at the database for all of them, and only meanwhile.

The signal is a marker that changes with each signed state and each command. A caller reads it
before it looks for news of its own and waits for another value: nothing slips in between.
"""

import threading
import time
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection

POLL_SECONDS = 0.2
HURRIED_SECONDS = 0.02
"""While leadership moves: what nodes wait for then, administrators wait for too."""
QUERY = """
    SELECT term, generation,
        (SELECT MAX(id) FROM nodes_command WHERE acknowledged_at IS NULL),
        (SELECT COUNT(*) FROM nodes_node WHERE state <> 'removed'),
        (SELECT COUNT(*) FROM cluster_operation
            WHERE kind = 'promote' AND state IN ('pending', 'running'))
    FROM cluster_signedstate ORDER BY term DESC, generation DESC LIMIT 1
"""


class Marker(NamedTuple):
    """The newest of what agents wait for."""

    term: int = 0
    generation: int = 0
    command: int = 0
    """The newest that is open, for whichever node; 0 when there is none."""
    members: int = 0
    moving: int = 0
    """1 while leadership moves, or is about to."""


def read_marker() -> Marker:
    """One short query, the same for all nodes."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        row = cursor.fetchone()
    return Marker(row[0], row[1], row[2] or 0, *row[3:]) if row else Marker()


class Watch:
    """Where held calls of this process wait, within a budget of threads."""

    def __init__(self) -> None:
        self._waiting = 0
        self._marker = Marker()
        self._watcher: threading.Thread | None = None
        self._changed = threading.Condition()

    def wait(self, *, seen: Marker, until: float) -> bool:
        """Wait for another marker, until that monotonic time; False when over the budget."""
        with self._changed:
            if self._waiting >= settings.AGENT_HELD_CALLS:
                return False
            self._waiting += 1
            try:
                self._publish(seen)  # fresher than what the watcher saw last
                self._ensure_watcher()
                self._changed.wait_for(lambda: self._marker != seen, until - time.monotonic())
            finally:
                self._waiting -= 1
        return True

    def _ensure_watcher(self) -> None:
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(target=self._look, name="watch", daemon=True)
            self._watcher.start()

    def _look(self) -> None:
        try:
            while self._is_wanted():
                marker = read_marker()
                self._publish(marker)
                time.sleep(HURRIED_SECONDS if marker.moving else POLL_SECONDS)
        except Error:
            self._publish(Marker())  # whoever waits looks for themselves, and meets the error
        finally:
            connection.close()

    def _is_wanted(self) -> bool:
        with self._changed:
            if not self._waiting:
                self._watcher = None
            return self._watcher is not None

    def _publish(self, marker: Marker) -> None:
        with self._changed:
            if marker != self._marker:
                self._marker = marker
                self._changed.notify_all()


watch = Watch()
