"""The calls of the agent's local socket, as functions from JSON to JSON."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from nodes.agent import checks
from nodes.agent.errors import AgentError, RequestInvalid
from nodes.agent.machine import Machine
from nodes.agent.membership import LeaderPin, Membership
from nodes.agent.version import VERSION

Json = dict[str, Any]
LONGEST_JWS = 8 * 1024 * 1024
LONGEST_REASON = 2000


class NoSuchCall(AgentError):
    code = "not_found"
    message = "There is no call {method} {path}."
    status = 404


class Calls:
    """Checks what comes in, asks the membership, and answers."""

    def __init__(self, membership: Membership, machine: Machine) -> None:
        self._membership = membership
        self._machine = machine
        self._routes: Mapping[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "/v1/status"): self.status,
            ("POST", "/v1/token"): self.token,
            ("POST", "/v1/lead"): self.lead,
            ("POST", "/v1/sign"): self.sign,
            ("POST", "/v1/adopt"): self.adopt,
            ("POST", "/v1/leave"): self.leave,
            ("POST", "/v1/unseal"): self.unseal,
            ("POST", "/v1/reconcile"): self.reconcile,
        }

    def answer(self, method: str, path: str, body: Json) -> Json:
        """Run one call; raises AgentError."""
        call = self._routes.get((method, path))
        if call is None:
            raise NoSuchCall(method=method, path=path)
        try:
            return call(body)
        except ValueError as error:
            raise RequestInvalid(problem=str(error).capitalize()) from error

    def status(self, body: Json) -> Json:
        """Everything that the web shows of this node."""
        _only(body)
        held, record = self._membership.holding, self._membership.record
        leader = record.leader
        return {
            "role": record.role,
            "node_id": record.node_id,
            "cluster": record.cluster,
            "term": record.term,
            "generation": held.generation,
            "applied_generation": self._machine.applied_generation,
            "fqdn": record.fqdn,
            "joining": asdict(record.joining) if record.joining else None,
            "reason": record.reason,
            "keys": asdict(self._membership.keys.public),
            "leader": leader
            and {"id": leader.id, "fqdn": leader.fqdn, "console_url": leader.console_url},
            "refused_state": self._membership.refused,
            "version": VERSION,
        } | self._surroundings()

    def token(self, body: Json) -> Json:
        _only(body, "audience")
        return {"token": self._membership.token(audience=checks.text(body, "audience"))}

    def lead(self, body: Json) -> Json:
        _only(body, "document")
        return {"jws": self._membership.lead(checks.mapping(body, "document"))}

    def sign(self, body: Json) -> Json:
        _only(body, "document")
        return {"jws": self._membership.sign(checks.mapping(body, "document"))}

    def adopt(self, body: Json) -> Json:
        _only(body, "jws", "node_id", "leader")
        leader = checks.mapping(body, "leader")
        _only(leader, "identity_key", "tls_fingerprint", "console_url")
        pin = LeaderPin(
            identity_key=checks.raw_key(leader, "identity_key"),
            tls_fingerprint=checks.matching(leader, "tls_fingerprint", checks.FINGERPRINT),
            console_url=checks.https_url(leader, "console_url"),
        )
        jws = checks.text(body, "jws", longest=LONGEST_JWS)
        self._membership.adopt(jws, node_id=checks.number(body, "node_id"), leader=pin)
        return {}

    def leave(self, body: Json) -> Json:
        _only(body, "reason", "force")
        reason = " ".join(str(body.get("reason") or "").split())[:LONGEST_REASON] or None
        force = checks.boolean(body, "force") if "force" in body else False
        self._membership.leave(reason=reason, force=force)
        return {}

    def unseal(self, body: Json) -> Json:
        _only(body)
        plaintext, jws = self._membership.unseal(), self._membership.holding.jws
        return {"plaintext": plaintext.decode("utf-8"), "jws": jws}

    def reconcile(self, body: Json) -> Json:
        _only(body)
        self._machine.reconcile()
        return {"applied_generation": self._machine.applied_generation, "vpn": self._machine.vpn()}

    def _surroundings(self) -> Json:
        machine = self._machine
        return {
            "vpn": machine.vpn(),
            "last_sync": machine.last_sync,
            "networks": list(machine.networks()),
            "distribution": machine.distribution,
        }


def _only(body: Json, *names: str) -> None:
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise ValueError(f"unknown member {unknown[0]}")
