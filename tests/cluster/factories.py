"""The smallest valid cluster, and a machine that wants to join it."""

import base64
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.actor import Actor, ActorKind, Interface
from cluster import codes, state
from cluster.models import Cluster, JoinCode, Operation
from cluster.services.creation import request_create
from cluster.services.join_codes import create_join_code
from cluster.workflows import engine
from config.version import VERSION
from nodes.agent import signing
from nodes.models import Contact, Node
from tests.accounts.factories import api_client
from tests.fakes import FakeAgent

ADMIN = Actor(name="alice", kind=ActorKind.ADMINISTRATOR, interface=Interface.API)
JSON = "application/json"


def carry_on(operation: Operation, *, times: int = 1) -> Operation:
    """Have the engine look at the operation so often, whatever it was told to wait."""
    for _ in range(times):
        Operation.objects.filter(pk=operation.pk).update(due_at=timezone.now())
        engine.advance(operation.pk)
    operation.refresh_from_db()
    return operation


def hear_from(node_id: int, **values: Any) -> None:
    """As if the node had just synced."""
    told = {"last_contact": timezone.now(), "path": Contact.Path.VPN} | values
    Contact.objects.filter(node_id=node_id).update(**told)


def request_cluster(**values: Any) -> tuple[Operation, str]:
    """Ask for a cluster with values that are good, unless ``values`` says otherwise."""
    wanted: dict[str, Any] = {
        "label": "Fleet",
        "vpn_network": "10.5.4.0/24",
        "endpoint": "node1.example.org:55820",
    }
    return request_create(actor=ADMIN, **(wanted | values))


def create_cluster(**values: Any) -> Cluster:
    """A cluster led by this machine, by the product's own workflow."""
    operation, _ = request_cluster(**values)
    carry_on(operation)
    hear_from(1, generation=1, applied_generation=1)
    carry_on(operation)
    assert operation.state == Operation.State.SUCCEEDED, operation.error_detail
    return Cluster.objects.get()


@dataclass
class Newcomer:
    """A machine with an agent of its own, which calls the leader's agent API in this process."""

    agent: FakeAgent
    fqdn: str
    client: Client = field(default_factory=lambda: Client(REMOTE_ADDR="192.0.2.7"))

    @classmethod
    def make(cls, directory: Path, *, fqdn: str = "node2.example.org") -> "Newcomer":
        return cls(FakeAgent(directory / fqdn, fqdn=fqdn), fqdn)

    def enrolment(self, text: str, **changes: Any) -> dict[str, Any]:
        """The body of an enrolment with that join code."""
        opened = codes.decode(text)
        body: dict[str, Any] = {
            "code": {"id": opened.id, "secret": opened.secret},
            "token": self.agent.token(audience=opened.cluster),
            "fqdn": self.fqdn,
            **self.agent.status()["keys"],
            "endpoint": f"{self.fqdn}:55820",
            "console_url": f"https://{self.fqdn}:8443",
            "tls_fingerprint": "cd" * 32,
            "version": VERSION,
            "distribution": "debian 12",
            "networks": ["192.0.2.0/24"],
            "tls_verified": True,
        }
        return body | changes

    def enrol(self, text: str, **changes: Any) -> Any:
        body = self.enrolment(text, **changes)
        return self.client.post("/agent/v1/enrol", body, content_type=JSON)

    def adopt(self, answer: dict[str, Any]) -> None:
        """What the machine does with a good answer."""
        pin = {
            name: answer["leader"][name]
            for name in ("identity_key", "tls_fingerprint", "console_url")
        }
        self.agent.adopt(jws=answer["jws"], node_id=answer["node_id"], leader=pin)

    def sync(self, *, source: str = "", **changes: Any) -> Any:
        """One sync as the machine's agent would send it."""
        return send_sync(self.agent, self.client, source=source, **changes)


def send_sync(agent: FakeAgent, client: Client, *, source: str = "", **changes: Any) -> Any:
    """A sync with a fresh token, saying what the agent holds."""
    status = agent.status()
    body: dict[str, Any] = {
        "term": status["term"],
        "generation": status["generation"],
        "applied_generation": status["applied_generation"],
        "facts": None,
        "facts_digest": "",
        "health": {},
        "inventory_digest": "",
        "results": [],
        "path": "vpn",
    }
    token = changes.pop("token", None) or agent.token(audience=str(status["cluster"]))
    return client.post(
        "/agent/v1/sync",
        body | changes,
        content_type=JSON,
        headers={"Authorization": f"Bearer {token}"},
        REMOTE_ADDR=source or "192.0.2.7",
    )


def make_code(**values: Any) -> tuple[JoinCode, str]:
    return create_join_code(actor=ADMIN, **values)


def add_node(number: int = 2, **values: Any) -> Node:
    """An active worker, written directly; the join itself is tested elsewhere."""
    unique = f"{number:02d}"
    given = {
        "id": number,
        "state": Node.State.ACTIVE,
        "fqdn": f"node{number}.example.org",
        "vpn_address": f"10.5.4.{number}",
        "console_url": f"https://node{number}.example.org:8443",
        "endpoint": f"node{number}.example.org:55820",
        "identity_key": signing.public_text(signing.new_key()),
        "wireguard_key": base64.b64encode(os.urandom(32)).decode(),
        "sealing_key": str(pyrage.x25519.Identity.generate().to_public()),
        "tls_fingerprint": unique * 32,
        "eligible": False,
    }
    node = Node.objects.create(**(given | values))
    Contact.objects.create(node=node)
    Cluster.objects.update(next_node_id=number + 1)
    state.bump()
    return node


def json_client(administrator: Administrator) -> APIClient:
    """A program that is logged in and speaks JSON."""
    client = api_client(administrator)
    client.default_format = "json"
    return client


def unknown_id() -> str:
    return str(uuid.uuid4())
