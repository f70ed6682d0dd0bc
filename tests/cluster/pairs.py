"""Two nodes with real agents, made without the workflows that are tested elsewhere: node 1 leads,
and node 2 may lead after it.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from cluster import state
from cluster.models import Cluster, Operation, SignedState
from cluster.services.promotion import request_promotion
from cluster.transport import Answer, Line, Unreachable
from config.version import VERSION
from nodes.agent import document, signing
from nodes.models import Contact, Node
from tests.cluster.factories import ADMIN, JSON, hear_from
from tests.fakes import FakeAgent

UUID = str(uuid.uuid4())


@dataclass
class Pair:
    """Being node 1, or, after ``become(2)``, node 2 with whatever the database holds then."""

    agents: dict[int, FakeAgent]
    monkeypatch: pytest.MonkeyPatch
    settings: Any

    def become(self, number: int) -> FakeAgent:
        agent = self.agents[number]
        self.settings.LOCAL_AGENT = agent
        self.monkeypatch.setattr(django_settings.FLOTILLA, "NODE_FILE", agent.node_file)
        return agent

    def spread(self) -> dict[str, Any]:
        """Node 2 holds what node 1 has signed last, and has said so; returns that document."""
        signed = state.publish()
        assert signed is not None
        self.agents[2].receive(signed.jws)
        hear_from(2, term=signed.term, generation=signed.generation)
        return document.read_unverified(signed.jws)

    def call(self, name: str, body: Mapping[str, Any], **changes: Any) -> Any:
        """Node 1 calls the agent API of this node."""
        audience = changes.get("audience", f"{UUID}/2")
        token = self.agents[changes.get("by", 1)].token(audience=audience)
        headers = {"Authorization": f"Bearer {token}"}
        return Client().post(f"/agent/v1/{name}", body, content_type=JSON, headers=headers)

    def promote(self, **changes: Any) -> Operation:
        """Ask for node 2 to lead, without looking whether everybody reaches it."""
        hear_from(2)
        wanted: dict[str, Any] = {
            "confirmation": "node2",
            "vpn_address": "node2.example.org",
            "vpn_port": 55820,
            "check_connectivity": False,
        }
        node = Node.objects.get(pk=2)
        return request_promotion(node, actor=ADMIN, **(wanted | changes))


def make_pair(
    directory: Path, leader: FakeAgent, *, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Pair:
    candidate = FakeAgent(directory / "node2", fqdn="node2.example.org")
    recovery_key = signing.public_text(signing.new_key())
    Cluster.objects.create(
        uuid=UUID,
        label="Fleet",
        vpn_network="10.5.4.0/24",
        recovery_key=recovery_key,
        next_node_id=3,
    )
    first = _add(1, leader, role=Node.Role.LEADER)
    _add(2, candidate)
    jws = leader.lead(state.read_document())
    state.store(jws)
    pin = {
        "identity_key": first.identity_key,
        "tls_fingerprint": first.tls_fingerprint,
        "console_url": first.console_url,
    }
    candidate.adopt(jws=jws, node_id=2, leader=pin)
    candidate.pledge()
    candidate.membership.confirm()
    return Pair({1: leader, 2: candidate}, monkeypatch, settings)


def _add(number: int, agent: FakeAgent, **values: Any) -> Node:
    node = Node.objects.create(
        id=number,
        state=Node.State.ACTIVE,
        fqdn=f"node{number}.example.org",
        vpn_address=f"10.5.4.{number}",
        endpoint=f"node{number}.example.org:55820",
        console_url=f"https://node{number}.example.org:8443",
        tls_fingerprint=f"{number:02d}" * 32,
        version=VERSION,
        distribution="debian 12",
        joined_at=timezone.now(),
        **agent.status()["keys"],
        **values,
    )
    Contact.objects.create(node=node)
    return node


@dataclass
class CandidateCalls:
    """Implements ``Transport`` towards node 2, which prepares and leads as the real one does."""

    pair: Pair
    asked: list[str] = field(default_factory=list)
    reachable: bool = True
    losing: str = ""
    """The call of which every reply is lost."""
    forgets: bool = False
    """It has lost what it had prepared, once."""
    prepared: int = 0

    @property
    def agent(self) -> FakeAgent:
        return self.pair.agents[2]

    def call(self, method: str, url: str, **_: Any) -> Answer:
        raise AssertionError(f"nobody asks {url}")

    @contextmanager
    def open_line(self, url: str, *, fingerprint: str) -> Iterator[Line]:
        if not self.reachable:
            raise Unreachable("connection refused")
        yield self

    def post(self, path: str, body: Mapping[str, Any], *, token: str) -> Answer:
        name = path.removeprefix("/agent/v1/")
        self.asked.append(name)
        answer = self._prepare(body) if name == "prepare" else self._lead(body)
        if self.losing == name:
            raise Unreachable("no answer in time")
        return answer

    def _prepare(self, body: Mapping[str, Any]) -> Answer:
        held = self.agent.status()["state"]
        if not held or held["generation"] != body["generation"]:
            return Answer(409, {"code": "state_not_held", "detail": "It holds another."})
        self.prepared = body["generation"]
        return Answer(200, {})

    def _lead(self, body: Mapping[str, Any]) -> Answer:
        if self.agent.status()["role"] == "leader":
            return Answer(200, {"jws": self.agent.open_state()["jws"]})
        if self.forgets or self.prepared != body["generation"]:
            self.forgets, self.prepared = False, 0
            return Answer(409, {"code": "takeover_not_prepared", "detail": "It has not."})
        held = document.read_unverified(self.agent.open_state()["jws"])
        wanted = held | {
            "term": held["term"] + 1,
            "generation": held["generation"] + 1,
            "leader": 2,
            "handover": body["handover"],
        }
        return Answer(200, {"jws": self.agent.lead(wanted)})


def newest_state() -> dict[str, Any]:
    """What agents would be given now."""
    signed = SignedState.objects.first()
    assert signed is not None
    return document.read_unverified(signed.jws)
