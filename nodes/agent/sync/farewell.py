"""The farewell: what a removed node is answered, and how it confirms that it has understood."""

import logging
from collections.abc import Mapping
from typing import Any

from nodes.agent.errors import FarewellInvalid, Forbidden
from nodes.agent.membership import Membership
from nodes.agent.record import Leader
from nodes.agent.sync.client import Answer, Client, NoAnswer
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.routes import to_leader

logger = logging.getLogger(__name__)
PATH = "/agent/v1/farewell"
CODE = "node_removed"
LONGEST_PAUSE = 300.0
"""Seconds between two attempts to confirm to a leader that does not answer."""


def receive(membership: Membership, answer: Answer) -> bool:
    """Whether this answer has made the node a removed one."""
    if answer.status != 401 or answer.body.get("code") != CODE:
        return False
    farewell, handover = answer.body.get("farewell"), answer.body.get("handover")
    if not isinstance(farewell, str):
        return False
    try:
        membership.depart(farewell, handover=_links(handover))
    except (FarewellInvalid, Forbidden) as error:
        logger.warning("farewell_refused", extra={"detail": error.detail})
        return False
    logger.warning("node_removed", extra={"cluster": membership.record.cluster})
    return True


class Confirmation:
    """Tells the leader, until it knows, that this node knows."""

    def __init__(self, membership: Membership, client: Client, clock: LeaderClock) -> None:
        self._membership = membership
        self._client = client
        self._clock = clock
        self._failures = 0

    def give(self) -> float | None:
        """One attempt; gives the seconds to wait for the next, or None when it is done."""
        record = self._membership.record
        if record.removed is None or record.removed.confirmed or record.leader is None:
            return None
        try:
            answer = self._send(record.leader)
        except (NoAnswer, OSError):
            return self._next_pause()
        self._clock.observe(answer.date)
        if answer.status != 200:
            return self._next_pause()
        self._membership.confirm_removal()
        return None

    def _send(self, leader: Leader) -> Answer:
        token = self._membership.token(audience=self._membership.record.cluster or "")
        return self._client.post(to_leader(leader), PATH, {}, token=token)

    def _next_pause(self) -> float:
        self._failures += 1
        return float(min(2**self._failures / 2, LONGEST_PAUSE))


def _links(handover: Any) -> Mapping[str, Any] | None:
    return handover if isinstance(handover, dict) else None
