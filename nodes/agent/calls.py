"""The calls of the agent's local socket, as functions from JSON to JSON."""

from collections.abc import Callable, Mapping
from typing import Any

from nodes.agent import checks, custody
from nodes.agent.errors import AgentError, RequestInvalid
from nodes.agent.joining import LeaderPin
from nodes.agent.machine import Machine
from nodes.agent.membership import Membership
from nodes.agent.status import describe
from nodes.agent.witness import describe as describe_kept

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
            ("POST", "/v1/hand_over"): self.hand_over,
            ("POST", "/v1/reassert"): self.reassert,
            ("POST", "/v1/follow"): self.follow,
            ("POST", "/v1/receive"): self.receive,
            ("POST", "/v1/attest"): self.attest,
            ("POST", "/v1/farewell"): self.farewell,
            ("POST", "/v1/clean_start"): self.clean_start,
            ("POST", "/v1/sign_checkpoint"): self.sign_checkpoint,
            ("POST", "/v1/sign_manifest"): self.sign_manifest,
            ("POST", "/v1/checkpoints"): self.checkpoints,
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
        return describe(self._membership) | self._surroundings()

    def token(self, body: Json) -> Json:
        _only(body, "audience")
        return {"token": self._membership.token(audience=checks.text(body, "audience"))}

    def lead(self, body: Json) -> Json:
        _only(body, "document", "approved")
        approved = checks.boolean({"approved": False} | body, "approved")
        return {"jws": self._membership.lead(checks.mapping(body, "document"), approved=approved)}

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
        force = checks.boolean({"force": False} | body, "force")
        self._membership.leave(reason=reason, force=force)
        return {}

    def unseal(self, body: Json) -> Json:
        _only(body)
        plaintext, jws = self._membership.unseal()
        return {"plaintext": plaintext.decode("utf-8"), "jws": jws}

    def reconcile(self, body: Json) -> Json:
        _only(body)
        self._machine.reconcile()
        return {"applied_generation": self._machine.applied_generation, "vpn": self._machine.vpn()}

    def hand_over(self, body: Json) -> Json:
        _only(body, "to", "generation")
        to, generation = checks.number(body, "to"), checks.number(body, "generation")
        return {"handover": self._membership.hand_over(to=to, generation=generation)}

    def reassert(self, body: Json) -> Json:
        _only(body, "above")
        term, handover = self._membership.reassert(above=checks.number(body, "above", least=0))
        return {"term": term, "handover": handover}

    def follow(self, body: Json) -> Json:
        _only(body, "node_id", "by", "late_changes")
        above_term = self._membership.follow(
            node_id=checks.number(body, "node_id"),
            by=checks.text(body, "by", longest=150),
            late_changes=checks.number({"late_changes": 0} | body, "late_changes", least=0),
        )
        return {"above_term": above_term}

    def receive(self, body: Json) -> Json:
        _only(body, "jws")
        self._membership.receive(checks.text(body, "jws", longest=LONGEST_JWS))
        return {}

    def attest(self, body: Json) -> Json:
        _only(body)
        return {"jws": self._membership.attest()}

    def farewell(self, body: Json) -> Json:
        _only(body, "node_id", "identity_key")
        node_id, key = checks.number(body, "node_id"), checks.raw_key(body, "identity_key")
        return {"jws": self._membership.farewell(node_id=node_id, identity_key=key)}

    def clean_start(self, body: Json) -> Json:
        _only(body)
        self._machine.reconcile()  # the interface goes while its key is still known to be ours
        self._membership.clean_start()
        return {}

    def sign_checkpoint(self, body: Json) -> Json:
        _only(body, "count", "hash")
        count = checks.number(body, "count")
        digest = checks.matching(body, "hash", checks.FINGERPRINT)
        return {"jws": custody.sign_checkpoint(self._membership, count=count, digest=digest)}

    def sign_manifest(self, body: Json) -> Json:
        _only(body, "manifest")
        manifest = checks.mapping(body, "manifest")
        return {"jws": custody.sign_manifest(self._membership, manifest)}

    def checkpoints(self, body: Json) -> Json:
        _only(body, "trail")
        cluster = self._membership.record.cluster
        kept = self._membership.witness.of(checks.number(body, "trail"), cluster=cluster)
        return {"checkpoints": describe_kept(kept)}

    def _surroundings(self) -> Json:
        machine = self._machine
        return {
            "applied_generation": machine.applied_generation,
            "vpn": machine.vpn(),
            "last_sync": machine.last_sync,
            "networks": list(machine.networks()),
            "distribution": machine.distribution,
        }


def _only(body: Json, *names: str) -> None:
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise ValueError(f"unknown member {unknown[0]}")
