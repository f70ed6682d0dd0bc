"""The sync loop: tell the leader, take what it has, and again."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from nodes.agent.commands import Commands
from nodes.agent.errors import AgentError
from nodes.agent.membership import Membership
from nodes.agent.store import Holding
from nodes.agent.sync import farewell
from nodes.agent.sync.backoff import Backoff, jittered
from nodes.agent.sync.client import Answer, Client, NoAnswer
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.farewell import Confirmation
from nodes.agent.sync.finder import Finder
from nodes.agent.sync.reply import CLOCK_CODES, Reply, parse_reply
from nodes.agent.sync.report import Report, Reporter
from nodes.agent.sync.routes import Route, Routes
from nodes.agent.sync.vigil import Vigil
from nodes.agent.vpn.reconciler import Reconciler

logger = logging.getLogger(__name__)
PATH = "/agent/v1/sync"
APPLY_SECONDS = 1.5
"""How long a sync waits for the machine to match a new state, so that one call tells both."""
JOINING_PAUSE = 0.2
COMMAND_PAUSE = 0.5
"""While a command runs, which the leader repeats until it is answered; the answer goes at once."""
SHORTEST_PAUSE = 0.2
"""Between two syncs that brought nothing, whatever the leader says."""
PATIENCE = 2.0
"""Seconds without an answer after which a worker looks for another leader."""
APPROVED_PAUSE = 0.5
"""Between two attempts to reach the node that root has named."""
KNOWN_PAUSE = 3.0
"""Meanwhile, between two attempts to reach the leader from before, which is silent."""


class Refused(Exception):
    """The leader answered, but not with what a sync is answered with."""

    def __init__(self, *, code: str, detail: str, leader: int | None = None) -> None:
        super().__init__(detail or code)
        self.code = code
        self.leader = leader
        """Who leads instead, as far as the one that was asked knows."""


class SyncLoop(threading.Thread):
    """The thread that talks with the leader; without one it sleeps until it is kicked."""

    def __init__(
        self,
        *,
        membership: Membership,
        reconciler: Reconciler,
        reporter: Reporter,
        commands: Commands,
        clock: LeaderClock,
        routes: Routes,
        client: Client,
        finder: Finder,
        vigil: Vigil,
    ) -> None:
        super().__init__(name="sync", daemon=True)
        self.last: dict[str, Any] | None = None
        """How the last sync went."""
        self._membership = membership
        self._reconciler = reconciler
        self._reporter = reporter
        self._commands = commands
        self._clock = clock
        self._routes = routes
        self._client = client
        self._finder = finder
        self._vigil = vigil
        self._confirmation = Confirmation(membership, client, clock)
        self._backoff = Backoff()
        self._heard_at = self._failed_at = time.monotonic()
        self._kicked = threading.Event()

    def kick(self) -> None:
        """Sync now, or as soon as the call that is being held returns."""
        self._kicked.set()

    def run(self) -> None:
        while True:
            pause = self.step()
            self._kicked.wait(pause)
            self._kicked.clear()

    def step(self) -> float | None:
        """One sync; gives the seconds to wait for the next, or None where there is no leader."""
        record = self._membership.record
        if record.own_id is None or record.role in ("deposed", "removed"):
            self.last = None
            return self._confirmation.give()
        if record.approvals and self._finder.court_approved():
            return 0.0
        return APPROVED_PAUSE if self._is_pointless() else self._step()

    def _step(self) -> float:
        self._prepare()
        started = time.monotonic()
        try:
            reply = self._sync()
        except (NoAnswer, Refused, OSError) as error:
            self._note(ok=False, detail=str(error), path="")
            return self._after_failure(error)
        except AgentError as error:
            logger.warning("state_refused", extra={"code": error.code, "detail": error.detail})
            return self._backoff.next_pause()
        self._backoff.reset()
        self._heard_at = time.monotonic()
        return self._pause(reply, seconds=self._heard_at - started)

    def _is_pointless(self) -> bool:
        """Whether the known leader was silent just now, and root has named another."""
        is_silent = self._failed_at > self._heard_at
        is_recent = time.monotonic() - self._failed_at < KNOWN_PAUSE
        return bool(self._membership.record.approvals) and is_silent and is_recent

    def _after_failure(self, error: Exception) -> float:
        """Look for the leader elsewhere; gives what is left of the pause."""
        self._failed_at = time.monotonic()
        self._vigil.note(None)
        pause = self._backoff.next_pause()
        if self._membership.record.role == "worker" and self._search(error):
            self._backoff.reset()
            return 0.0
        return max(0.0, pause - (time.monotonic() - self._failed_at))

    def _search(self, error: Exception) -> bool:
        if isinstance(error, Refused) and error.code == "not_leader":
            return self._finder.search(named=error.leader)
        is_patient = time.monotonic() - self._heard_at < PATIENCE
        return not is_patient and self._finder.search()

    def _prepare(self) -> None:
        """Before the leader hears that we hold a state: pledge to it, and give the machine time
        to match it.
        """
        self._membership.pledge()
        self._reconciler.wait_applied(self._membership.holding, seconds=APPLY_SECONDS)
        if self._membership.record.is_joining:
            self._reconciler.wait_settled(seconds=APPLY_SECONDS)

    def _sync(self) -> Reply:
        held, report = self._membership.holding, self._reporter.build()
        route, answer = self._try_each(self._routes.now(held), report)
        if answer.status == 401 and answer.body.get("code") in CLOCK_CODES:
            answer = self._send(route, report)  # the clock is set right by now
        reply = self._read(answer, held=held)
        self._note(ok=True, detail="", path=route.path)
        if _leads(self._membership.holding) == _leads(held):
            self._reporter.acknowledged(report, reply)
            self._act(reply, held=held)
        return reply  # of a leader that we do not follow any more, it is void

    def _try_each(self, routes: Iterable[Route], report: Report) -> tuple[Route, Answer]:
        problem = NoAnswer("there is no way to the leader")
        for route in routes:
            try:
                answer = self._send(route, report)
            except NoAnswer as error:
                self._routes.failed(route)
                problem = error
            else:
                self._routes.succeeded(route)
                return route, answer
        raise problem

    def _send(self, route: Route, report: Report) -> Answer:
        token = self._membership.token(audience=self._membership.record.cluster or "")
        body = report.body | {"path": route.path}
        answer = self._client.post(route, PATH, body, token=token)
        self._clock.observe(answer.date)
        return answer

    def _read(self, answer: Answer, *, held: Holding) -> Reply:
        """What the leader has for us; a joining node that it does not know any more has been
        withdrawn.
        """
        code, detail = str(answer.body.get("code", "")), str(answer.body.get("detail", ""))
        if answer.status == 401 and code == "node_not_found":
            self._membership.withdraw(held, code=code, detail=detail)
        farewell.receive(self._membership, answer)
        if answer.status != 200:
            leader = _leader_of(answer.body)
            raise Refused(code=code, detail=f"{answer.status} {code}: {detail}", leader=leader)
        try:
            return parse_reply(answer.body)
        except ValueError as error:
            raise Refused(code="malformed", detail=f"The answer is malformed: {error}") from error

    def _act(self, reply: Reply, *, held: Holding) -> None:
        self._commands.deliver(reply.commands, term=self._membership.record.term)
        if reply.state is not None:
            self._membership.receive(reply.state, asked_with=held)
        self._membership.confirm()
        self._vigil.note(reply.silent)

    def _pause(self, reply: Reply, *, seconds: float) -> float:
        if self._membership.record.is_joining:
            return JOINING_PAUSE
        if reply.has_news or self._commands.results():
            return 0.0
        if reply.commands:
            return COMMAND_PAUSE
        return jittered(max(reply.wait, SHORTEST_PAUSE - seconds, 0.0), spread=0.1)

    def _note(self, *, ok: bool, detail: str, path: str) -> None:
        if self.last is None or self.last["ok"] != ok or self.last["path"] != path:
            logger.info("sync", extra={"ok": ok, "detail": detail, "path": path})
        at = datetime.now(tz=UTC).isoformat(timespec="seconds")
        self.last = {"at": at, "ok": ok, "detail": detail, "path": path}


def _leads(held: Holding) -> tuple[int, int | None]:
    """Whom we follow, and in which term."""
    leader = held.record.leader
    return held.record.term, leader.id if leader else None


def _leader_of(body: Mapping[str, Any]) -> int | None:
    leader = body.get("leader")
    node_id = leader.get("id") if isinstance(leader, dict) else None
    return node_id if isinstance(node_id, int) else None
