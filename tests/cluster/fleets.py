"""A cluster of real agents in this process, and being now this machine, now that one.

All of them share one database, as if each had restored it: whoever takes over replaces it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from cluster import state
from nodes.models import Node
from tests.cluster.factories import Newcomer, add_node
from tests.fakes import FakeAgent


@dataclass
class Fleet:
    """Node 1 leads; ``agents`` are by number."""

    agents: dict[int, FakeAgent]
    machines: dict[int, Newcomer]
    monkeypatch: pytest.MonkeyPatch
    settings: Any

    def become(self, number: int) -> FakeAgent:
        """This machine is that node from now on."""
        agent = self.agents[number]
        self.settings.LOCAL_AGENT = agent
        self.monkeypatch.setattr(django_settings.FLOTILLA, "NODE_FILE", agent.node_file)
        return agent

    def spread(self) -> str:
        """Every worker holds what the leader has signed last."""
        signed = state.publish()
        assert signed is not None
        for number in self.machines:
            self.agents[number].receive(signed.jws)
        return signed.jws

    def _admit(self) -> None:
        """What the joining of the workers leads to; the joining is tested elsewhere."""
        signed = state.publish()
        assert signed is not None
        leader = Node.objects.get(role=Node.Role.LEADER)
        names = ("identity_key", "tls_fingerprint", "console_url")
        pin = {name: str(getattr(leader, name)) for name in names}
        for number, machine in self.machines.items():
            machine.agent.adopt(jws=signed.jws, node_id=number, leader=pin)
            machine.agent.membership.confirm()


def make_fleet(
    directory: Path, agent: FakeAgent, *, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Fleet:
    """Two more nodes than the leader, all active and eligible, which hold the newest state."""
    machines = {
        number: Newcomer.make(directory, fqdn=f"node{number}.example.org") for number in (2, 3)
    }
    agents = {number: machine.agent for number, machine in machines.items()}
    for number, joined in agents.items():
        add_node(number, eligible=True, **joined.status()["keys"])
    fleet = Fleet({1: agent} | agents, machines, monkeypatch, settings)
    fleet._admit()
    return fleet
