"""Commands from the leader: a closed list of typed verbs, each run once and known by its id."""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from nodes.agent.errors import AgentError
from nodes.agent.lanes import Lanes
from nodes.agent.sync.reply import Command

logger = logging.getLogger(__name__)
REMEMBERED = 256
LARGEST_REPORT = 64 * 1024
"""Bytes of results in one sync, whose body has to hold more than those."""
LARGEST_REMEMBERED = 4 * 1024
"""What is larger is forgotten once the leader has it: it asks anew rather than again."""

Json = dict[str, Any]
Verb = Callable[[Mapping[str, Any]], Json]
LaneOf = Callable[[str, Mapping[str, Any]], str]


def one_lane(verb: str, arguments: Mapping[str, Any]) -> str:
    """Every command waits for the one before."""
    return "commands"


class Commands:
    """Runs commands beside the sync loop, one after the other in each lane, and keeps their
    results for it.
    """

    def __init__(
        self,
        verbs: Mapping[str, Verb],
        *,
        on_result: Callable[[], None],
        lanes: Lanes | None = None,
        lane_of: LaneOf = one_lane,
    ) -> None:
        self._verbs = verbs
        self._on_result = on_result
        self._lanes = lanes or Lanes()
        self._lane_of = lane_of
        self._term = 0
        self._known: dict[int, Json | None] = {}
        self._outbox: set[int] = set()
        self._lock = threading.Lock()

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
                    lane = self._lane_of(command.verb, command.arguments)
                    self._lanes.put(lane, partial(self._run, command, term=term))
                elif self._known[command.id] is not None:
                    self._outbox.add(command.id)

    def results(self) -> list[Json]:
        """Results that the leader has not acknowledged, as many as one sync can carry."""
        with self._lock:
            ready = [self._known.get(key) for key in sorted(self._outbox)]
        told: list[Json] = []
        size = 0
        for result in ready:
            size += 0 if result is None else _size(result)
            if result is not None and (size <= LARGEST_REPORT or not told):
                told.append(result)
        return told

    def acknowledge(self, results: Iterable[Json]) -> None:
        """The leader has these."""
        with self._lock:
            for result in results:
                self._outbox.discard(result["id"])
                if result["id"] in self._known and _size(result) > LARGEST_REMEMBERED:
                    self._known[result["id"]] = _failed(result["id"], "forgotten")

    def _run(self, command: Command, *, term: int) -> None:
        """Answered in any case, so that nobody waits for what has a fault."""
        result = _failed(command.id, "failed", detail="The agent has a fault; its log says which.")
        try:
            result = self._answer(command)
        finally:
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
            return _failed(command.id, "unsupported")
        try:
            data = verb(command.arguments)
        except (ValueError, OSError, AgentError) as error:
            logger.warning("command_failed", extra={"verb": command.verb, "detail": str(error)})
            code = error.code if isinstance(error, AgentError) else "failed"
            return _failed(command.id, code, detail=str(error))
        return {"id": command.id, "ok": True, "data": data}


def _failed(command_id: int, code: str, **more: str) -> Json:
    return {"id": command_id, "ok": False, "data": {"code": code, **more}}


def _size(result: Json) -> int:
    return len(json.dumps(result))
