"""What stands in for the world outside the process: no system call, no network, everything else
real.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from nodes.agent.calls import Calls
from nodes.agent.errors import AgentError
from nodes.agent.history import Contest, Successor
from nodes.agent.machine import VpnStatus
from nodes.agent.membership import Membership
from nodes.local_agent import AgentRefused, AgentUnavailable, JsonAgent


class FakeMachine:
    """A machine that applies every state at once, unless a test says otherwise."""

    def __init__(self, membership: Membership) -> None:
        self.distribution = "debian 12"
        self.own_networks: Sequence[str] = ("192.0.2.0/24",)
        self.last_sync: dict[str, Any] | None = None
        self.vpn_state = "up"
        self.vpn_reason: str | None = None
        self.applies = True
        self.reconciled = 0
        self.membership = membership
        self._applied = 0

    @property
    def applied_generation(self) -> int:
        if self.applies:
            self._applied = self.membership.holding.generation
        return self._applied

    def vpn(self) -> VpnStatus:
        state = self.vpn_state if self.membership.holding.state else "down"
        return {"state": state, "reason": self.vpn_reason, "interface": "wg0", "peers": []}

    def networks(self) -> Sequence[str]:
        return self.own_networks

    def reconcile(self) -> None:
        self.reconciled += 1


class FakeAgent(JsonAgent):
    """An agent in this process, with its own directory, real keys, real signatures and the real
    rules.

    ``machine`` holds what it would see of the machine; ``available = False`` makes it as good as
    stopped. What the leader would tell it with a sync, a test tells it by ``receive``, ``pledge``,
    ``withdraw`` and ``depart``; what it would find out about other leaders, by ``contest`` and
    ``depose``.
    """

    def __init__(self, directory: Path, *, fqdn: str = "node1.example.org") -> None:
        self.node_file = directory / "node.json"
        self.fqdn = fqdn
        self.membership = Membership(directory, fqdn=fqdn)
        self.machine = FakeMachine(self.membership)
        self.available = True
        self.calls: list[tuple[str, str]] = []
        self._answers = Calls(self.membership, self.machine)

    def reread(self) -> None:
        """Its files are others now."""
        self.membership = Membership(self.node_file.parent, fqdn=self.fqdn)
        self.machine.membership = self.membership
        self._answers = Calls(self.membership, self.machine)

    def call(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if not self.available:
            raise AgentUnavailable(problem="connection refused")
        self.calls.append((method, path))
        try:
            return self._answers.answer(method, path, dict(body))
        except AgentError as error:
            raise AgentRefused(code=error.code, detail=error.detail, status=error.status) from error

    def pledge(self) -> None:
        """As before the first sync that acknowledges the adopted state."""
        self.membership.pledge()

    def withdraw(self, *, code: str, detail: str) -> None:
        """As a sync that is answered 401 with ``code``."""
        self.membership.withdraw(self.membership.holding, code=code, detail=detail)

    def depart(self, farewell: str, *, handover: Mapping[str, Any] | None = None) -> None:
        """As a sync that is answered 401 ``node_removed``."""
        self.membership.depart(farewell, handover=handover)

    def contest(self, *contests: Contest) -> None:
        """As when these members say that another leads; with none, as when that is over."""
        self.membership.contest(contests, seen=self.membership.holding)

    def depose(self, *, by: int, term: int, built_on: Mapping[str, Any] | None = None) -> None:
        """As when this leader learns that node ``by`` leads a later term."""
        member = self.membership.holding.state and self.membership.holding.state.find(by)
        fqdn, url = (member.fqdn, member.console_url) if member else ("", "")
        successor = Successor(id=by, fqdn=fqdn, console_url=url, term=term, built_on=built_on)
        self.membership.depose(successor, seen=self.membership.holding)


@pytest.fixture
def local_agent(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeAgent:
    """A fake agent in this machine's place: ``get_local_agent()`` and ``nodes.role.current()``
    follow it.
    """
    agent = FakeAgent(tmp_path / "node")
    settings.LOCAL_AGENT = agent
    monkeypatch.setattr(django_settings.FLOTILLA, "NODE_FILE", agent.node_file)
    return agent
