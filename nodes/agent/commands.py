"""Commands from the leader: a closed list of typed verbs, each run once and known by its id."""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nodes.agent.sync.reply import Command

logger = logging.getLogger(__name__)
REMEMBERED = 256

Json = dict[str, Any]
Verb = Callable[[Mapping[str, Any]], Json]


class Commands:
    """Runs commands one after the other, beside the sync loop, and keeps their results for it."""

    def __init__(self, verbs: Mapping[str, Verb], *, on_result: Callable[[], None]) -> None:
        self._verbs = verbs
        self._on_result = on_result
        self._term = 0
        self._known: dict[int, Json | None] = {}
        self._outbox: set[int] = set()
        self._queue: queue.SimpleQueue[tuple[int, Command]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._runner: threading.Thread | None = None

    def deliver(self, commands: Iterable[Command], *, term: int = 0) -> None:
        """Run what is new; what was run before is only answered again.

        Each leader counts for itself, so what is known is known of one term only.
        """
        with self._lock:
            if term != self._term:
                self._term = term
                self._known.clear()
                self._outbox.clear()
            for command in commands:
                if command.id not in self._known:
                    self._known[command.id] = None
                    self._queue.put((term, command))
                elif self._known[command.id] is not None:
                    self._outbox.add(command.id)
            self._ensure_runner()

    def results(self) -> list[Json]:
        """Results that the leader has not acknowledged."""
        with self._lock:
            ready = [self._known.get(key) for key in sorted(self._outbox)]
        return [result for result in ready if result is not None]

    def acknowledge(self, results: Iterable[Json]) -> None:
        """The leader has these."""
        with self._lock:
            self._outbox -= {result["id"] for result in results}

    def _ensure_runner(self) -> None:
        if self._runner is None and not self._queue.empty():
            self._runner = threading.Thread(target=self._run, name="commands", daemon=True)
            self._runner.start()

    def _run(self) -> None:
        while True:
            term, command = self._queue.get()
            result = self._answer(command)
            self._remember(command.id, result, term=term)
            self._on_result()

    def _remember(self, command_id: int, result: Json, *, term: int) -> None:
        with self._lock:
            if term != self._term:
                return  # the leader who asked leads no more
            self._known[command_id] = result
            self._outbox.add(command_id)
            answered = [key for key, known in self._known.items() if known is not None]
            for key in answered[:-REMEMBERED]:
                del self._known[key]

    def _answer(self, command: Command) -> Json:
        verb = self._verbs.get(command.verb)
        if verb is None:
            return {"id": command.id, "ok": False, "data": {"code": "unsupported"}}
        try:
            data = verb(command.arguments)
        except (ValueError, OSError) as error:
            logger.warning("command_failed", extra={"verb": command.verb, "detail": str(error)})
            return {"id": command.id, "ok": False, "data": {"code": "failed", "detail": str(error)}}
        return {"id": command.id, "ok": True, "data": data}
