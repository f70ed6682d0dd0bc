"""A courting sync: offers to follow a node that may be the new leader, and tells it nothing that
would help a liar.

The token opens only that node's own door, the body says nothing, and of the answer only the state
is looked at, by the rules of acceptance.
"""

import logging

from nodes.agent.errors import AgentError
from nodes.agent.membership import Membership
from nodes.agent.state import Member
from nodes.agent.sync import farewell
from nodes.agent.sync.client import Answer, Client, NoAnswer
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.reply import CLOCK_CODES, parse_reply
from nodes.agent.sync.report import courting_body
from nodes.agent.sync.routes import to_courted
from nodes.agent.tokens import TokenIssuer

logger = logging.getLogger(__name__)
PATH = "/agent/v1/sync"


class Courtship:
    """Courts one node after the other; each has a clock of its own, so that none can set ours."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def court(self, member: Member) -> bool:
        """Whether that node showed that it leads us; from then on it does."""
        client, route = Client(), to_courted(member)
        try:
            answer = self._send(client, member)
        except (NoAnswer, OSError) as error:
            logger.info("courting_failed", extra={"node": member.id, "detail": str(error)})
            return False
        finally:
            client.forget(route)
        return self._take(member, answer)

    def _send(self, client: Client, member: Member) -> Answer:
        """Twice, if the first answer shows that the two clocks differ."""
        issuer = TokenIssuer(clock=self._membership.clock)
        clock = LeaderClock(issuer, clock=self._membership.clock)
        body = courting_body()
        route = to_courted(member)
        for _ in range(2):
            token = self._membership.token(audience=self._door(member), issuer=issuer)
            answer = client.post(route, PATH, body, token=token)
            if not (answer.status == 401 and answer.body.get("code") in CLOCK_CODES):
                break
            clock.observe(answer.date)
        return answer

    def _door(self, member: Member) -> str:
        return f"{self._membership.record.cluster}/{member.id}"

    def _take(self, member: Member, answer: Answer) -> bool:
        if answer.status == 401:
            return farewell.receive(self._membership, answer)
        try:
            state = parse_reply(answer.body).state if answer.status == 200 else None
            if state is None:
                return False
            before = self._membership.holding
            self._membership.receive(state)
        except (AgentError, ValueError) as error:
            logger.warning("courted_refused", extra={"node": member.id, "detail": str(error)})
            return False
        now = self._membership.holding
        is_followed = now.leadership != before.leadership
        if is_followed:
            logger.info("leader_followed", extra={"node": member.id, "term": now.record.term})
        return is_followed
