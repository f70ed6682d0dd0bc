"""Looking at what runs here, in a thread of its own: cheaply often, and thoroughly when needed."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from nodes.agent.inventory.applications import Application, digest, fit
from nodes.agent.inventory.podman import PodmanFailed
from nodes.agent.sync.report import Inventoried

logger = logging.getLogger(__name__)
LOOK_SECONDS = 3.0
"""Between two cheap looks."""
PASS_SECONDS = 300.0
"""Between two times that podman is asked although nothing seems to have changed: with 200
containers it takes an eighth of a second of the processor.
"""


class Engine(Protocol):
    """``Podman``, or what a test puts in its place."""

    def marks(self) -> tuple[int, ...]: ...

    def applications(self) -> list[Application]: ...


class Visible(Protocol):
    """``Services``: what can be seen at no cost."""

    def applications(self) -> list[Application]: ...


class Sampler(threading.Thread):
    """The reporter's ``Inventory``: ``sample`` never waits."""

    def __init__(
        self,
        engine: Engine,
        services: Visible,
        *,
        on_change: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="inventory", daemon=True)
        self._engine = engine
        self._services = services
        self._on_change = on_change
        self._monotonic = monotonic
        self._contained: Sequence[Application] | None = None
        """What podman said last; None before it has said anything."""
        self._marks: tuple[int, ...] = ()
        self._asked_at = float("-inf")
        self._problem = ""
        self._found: list[Application] | None = None
        self._sample = Inventoried("", ())

    def sample(self) -> Inventoried:
        """What was found last; nothing before the first look is over."""
        return self._sample

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Ask podman if that is needed, and see whether anything differs from before."""
        if self._is_due():
            self._ask()
        if self._contained is not None:
            self._conclude([*self._contained, *self._services.applications()])

    def _is_due(self) -> bool:
        is_old = self._monotonic() - self._asked_at >= PASS_SECONDS
        return is_old or self._engine.marks() != self._marks

    def _ask(self) -> None:
        """What changes while it answers is seen with the next look."""
        self._asked_at, self._marks = self._monotonic(), self._engine.marks()
        try:
            self._contained, self._problem = self._engine.applications(), ""
        except PodmanFailed as error:
            if str(error) != self._problem:
                logger.warning("podman_failed", extra={"detail": str(error)})
            self._problem = str(error)

    def _conclude(self, found: list[Application]) -> None:
        if found == self._found:
            return
        self._found, listed = found, fit(found)
        now = digest(listed)
        if now != self._sample.digest:
            told: list[dict[str, Any]] = [asdict(each) for each in listed]
            self._sample = Inventoried(now, told)
            self._on_change()
