"""When to reconcile: at once when asked, soon when something is seen to differ, and every few
seconds anyway.
"""

import threading
import time

from nodes.agent.vpn.reconciler import Reconciler

LOOK_SECONDS = 2.0
"""Between two cheap looks; with the pass itself this heals well within 5 s."""
PASS_SECONDS = 4.0
"""Between two passes that ask WireGuard, which alone knows its peers."""
SETTLING_SECONDS = 0.2
"""Between two passes while a first handshake is awaited."""


class Watch(threading.Thread):
    """The thread that keeps the interface right."""

    def __init__(self, reconciler: Reconciler) -> None:
        super().__init__(name="vpn", daemon=True)
        self._reconciler = reconciler
        self._kicked = threading.Event()
        self._last_pass = float("-inf")

    def kick(self) -> None:
        """Reconcile now."""
        self._kicked.set()

    def run(self) -> None:
        while True:
            self._step()

    def _step(self) -> None:
        settling = self._reconciler.is_settling()
        kicked = self._kicked.wait(SETTLING_SECONDS if settling else LOOK_SECONDS)
        self._kicked.clear()
        due = time.monotonic() - self._last_pass >= PASS_SECONDS
        if kicked or settling or due or self._reconciler.differs():
            self._reconciler.run_once()
            self._last_pass = time.monotonic()
