"""A leader on the other side of the network: real keys and signatures, and a network that a test
can cut.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from cluster import codes
from cluster.transport import Answer, Unreachable, WrongCertificate
from config.version import VERSION
from nodes.agent import signing
from tests.fakes import FakeAgent

URL = "https://node1.example.org:8443"
ADDRESS = "https://192.0.2.1:8443"
FINGERPRINT = "ab" * 32


class FakeLeader:
    """Implements ``Transport``; ``received`` is what ever reached it."""

    def __init__(self, directory: Path) -> None:
        self.agent = FakeAgent(directory)
        self.uuid = str(uuid.uuid4())
        self.fingerprint = FINGERPRINT
        self.unreachable: dict[str, str] = {}
        self.lose_reply = False
        self.refusal: Answer | None = None
        self.says: dict[str, Any] = {"role": "leader", "version": VERSION}
        self.clock_offset = timedelta()
        self.received: list[tuple[str, Any]] = []
        self.warnings: list[dict[str, str]] = []
        self.nodes = [self._member(1, self.agent, "node1.example.org", "active")]
        self.generation = 1
        self.jws = self.agent.lead(self._document())

    def code(self, **changes: Any) -> str:
        """A join code of this leader."""
        values: dict[str, Any] = {
            "urls": (URL, ADDRESS),
            "tls_fingerprint": FINGERPRINT,
            "cluster": self.uuid,
            "id": "0d9c7b1e-70c8-4b6c-8f3d-6a4f2f0f9d11",
            "secret": "k3J9x0bR2m5WqYt7uPzLsA",
            "expires": datetime.now(UTC) + timedelta(hours=1),
        }
        return codes.encode(codes.JoinCodeText(**(values | changes)))

    def call(
        self,
        method: str,
        url: str,
        *,
        fingerprint: str | None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        base, _, name = url.partition("/agent/v1/")
        if base in self.unreachable:
            raise Unreachable(self.unreachable[base])
        if fingerprint not in (None, self.fingerprint):
            raise WrongCertificate(url)
        self.received.append((url, body))
        if name == "leadership":
            return Answer(200, self._leadership())
        answer = self.refusal or self._enrol(dict(body or {}))
        if self.lose_reply:
            self.lose_reply = False
            raise Unreachable("no answer in time")
        return answer

    def activate(self) -> str:
        """The signed state in which everybody is a member."""
        for node in self.nodes:
            node["status"] = "active"
        return self._sign()

    def withdraw(self) -> None:
        """The state in which only the leader is left."""
        del self.nodes[1:]
        self._sign()

    @property
    def secrets_received(self) -> int:
        """How often a body came in: only enrolments have one."""
        return sum(body is not None for _, body in self.received)

    def _leadership(self) -> dict[str, Any]:
        now = timezone.now() + self.clock_offset
        return {"cluster": self.uuid, "time": now.isoformat()} | self.says

    def _enrol(self, body: dict[str, Any]) -> Answer:
        known = [n for n in self.nodes if n["identity_key"] == body["identity_key"]]
        if not known:
            self.nodes.append(self._newcomer(body))
            self._sign()
        node = (known or self.nodes[-1:])[0]
        leader = {
            name: self.nodes[0][name]
            for name in ("id", "fqdn", "identity_key", "tls_fingerprint", "console_url")
        }
        answer = {
            "node_id": node["id"],
            "cluster": self.uuid,
            "jws": self.jws,
            "leader": leader,
            "operation": str(uuid.uuid4()),
            "deadline": "",
            "warnings": self.warnings,
        }
        return Answer(200 if known else 201, answer)

    def _newcomer(self, body: dict[str, Any]) -> dict[str, Any]:
        names = ("fqdn", "identity_key", "wireguard_key", "sealing_key", "endpoint")
        number = 1 + max(node["id"] for node in self.nodes)
        return self.nodes[0] | {
            **{name: body[name] for name in names},
            "id": number,
            "vpn_address": f"10.5.4.{number}",
            "status": "joining",
        }

    def _member(self, number: int, agent: FakeAgent, fqdn: str, status: str) -> dict[str, Any]:
        return {
            "id": number,
            "fqdn": fqdn,
            "label": "",
            "vpn_address": f"10.5.4.{number}",
            **agent.status()["keys"],
            "endpoint": f"{fqdn}:55820",
            "console_url": URL,
            "tls_fingerprint": FINGERPRINT,
            "eligible": True,
            "status": status,
        }

    def _sign(self) -> str:
        self.generation += 1
        self.jws = self.agent.sign(self._document())
        return self.jws

    def _document(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "cluster": {
                "uuid": self.uuid,
                "label": "Fleet",
                "vpn_network": "10.5.4.0/24",
                "max_nodes": 4,
                "recovery_key": signing.public_text(signing.new_key()),
            },
            "term": 1,
            "generation": self.generation,
            "leader": 1,
            "issued_at": "2026-11-22T10:00:00Z",
            "nodes": self.nodes,
            "routes": [],
            "handover": None,
            "sealed": None,
        }
