"""Django's way to the agent of its own machine: a typed client of the local socket."""

import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypedDict

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from config.errors import DomainError, Unavailable
from nodes.agent.machine import VpnStatus

TIMEOUT = 5.0
"""Seconds for one call."""


class AgentUnavailable(Unavailable):
    """The agent does not run, or does not answer."""

    code = "agent_unavailable"
    message = _("The agent of this machine does not answer ({problem}). Is it running?")


class AgentRefused(DomainError):
    """The agent's own refusal, passed on with its code and status."""

    code = "agent_refused"
    message = "{detail}"
    status = 409

    def __init__(self, *, code: str, detail: str, status: int) -> None:
        super().__init__(detail=detail)
        vars(self).update(code=code, status=status)  # this refusal's own, not the class's


class AgentKeys(TypedDict):
    identity_key: str
    sealing_key: str
    wireguard_key: str


class JoiningStatus(TypedDict):
    node_id: int
    pledged: bool
    admitted: bool
    withdrawn: dict[str, str] | None


class StateStatus(TypedDict):
    term: int
    generation: int
    issued_at: str


class ApprovalStatus(TypedDict):
    node_id: int
    above_term: int


class HandedOverStatus(TypedDict):
    """``term`` is the one that was given away; this node followed it from then on."""

    term: int
    to: int


class ContestStatus(TypedDict):
    node_id: int
    term: int
    leader: int


class SuccessorStatus(TypedDict):
    """Who leads instead; ``built_on`` is what it says that its term began with."""

    id: int
    fqdn: str
    console_url: str
    term: int
    built_on: dict[str, Any] | None


class RemovedStatus(TypedDict):
    """``leader`` is the number of the node that said so."""

    at: str
    leader: int


class FollowAnswer(TypedDict):
    above_term: int


class Reasserted(TypedDict):
    """The term in which the leader may go on, and the links that prove it."""

    term: int
    handover: dict[str, Any]


class AgentStatus(TypedDict):
    """What the agent says of its node."""

    role: str
    node_id: int | None
    cluster: str | None
    term: int
    generation: int
    applied_generation: int
    fqdn: str
    joining: JoiningStatus | None
    reason: str | None
    keys: AgentKeys
    vpn: VpnStatus
    leader: dict[str, Any] | None
    last_sync: dict[str, Any] | None
    networks: list[str]
    distribution: str
    version: str
    refused_state: dict[str, str] | None
    state: StateStatus | None
    eligible: bool | None
    approvals: list[ApprovalStatus]
    handed_over: HandedOverStatus | None
    contested: list[ContestStatus]
    successor: SuccessorStatus | None
    removed: RemovedStatus | None


class HeldState(TypedDict):
    """The state that the agent holds, and its sealed part, opened."""

    jws: str
    plaintext: str


class LocalAgent(Protocol):
    """The agent's calls; all raise AgentUnavailable or AgentRefused, and all are safe to repeat."""

    def status(self) -> AgentStatus: ...

    def token(self, *, audience: str) -> str: ...

    def lead(self, document: Mapping[str, Any], *, approved: bool = False) -> str: ...

    def sign(self, document: Mapping[str, Any]) -> str: ...

    def adopt(self, *, jws: str, node_id: int, leader: Mapping[str, str]) -> None: ...

    def leave(self, *, reason: str | None = None, force: bool = False) -> None: ...

    def unseal(self) -> str: ...

    def open_state(self) -> HeldState: ...

    def reconcile(self) -> dict[str, Any]: ...

    def hand_over(self, *, to: int, generation: int) -> dict[str, Any]: ...

    def reassert(self, *, above: int) -> Reasserted: ...

    def follow(self, *, node_id: int, by: str, late_changes: int = 0) -> FollowAnswer: ...

    def receive(self, jws: str) -> None: ...

    def attest(self) -> str: ...

    def farewell(self, *, node_id: int, identity_key: str) -> str: ...

    def clean_start(self) -> None: ...

    def sign_checkpoint(self, *, count: int, hash: str) -> str: ...

    def sign_manifest(self, manifest: Mapping[str, Any]) -> str: ...

    def checkpoints(self, *, trail: int) -> list[str]: ...


class JsonAgent:
    """The calls as JSON; a subclass says how one travels."""

    def call(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def status(self) -> AgentStatus:
        answer: Any = self.call("GET", "/v1/status", {})
        status: AgentStatus = answer
        return status

    def token(self, *, audience: str) -> str:
        return str(self.call("POST", "/v1/token", {"audience": audience})["token"])

    def lead(self, document: Mapping[str, Any], *, approved: bool = False) -> str:
        body = {"document": document, "approved": approved}
        return str(self.call("POST", "/v1/lead", body)["jws"])

    def sign(self, document: Mapping[str, Any]) -> str:
        return str(self.call("POST", "/v1/sign", {"document": document})["jws"])

    def adopt(self, *, jws: str, node_id: int, leader: Mapping[str, str]) -> None:
        body = {"jws": jws, "node_id": node_id, "leader": dict(leader)}
        self.call("POST", "/v1/adopt", body)

    def leave(self, *, reason: str | None = None, force: bool = False) -> None:
        self.call("POST", "/v1/leave", {"reason": reason, "force": force})

    def unseal(self) -> str:
        return str(self.call("POST", "/v1/unseal", {})["plaintext"])

    def open_state(self) -> HeldState:
        answer: Any = self.call("POST", "/v1/unseal", {})
        held: HeldState = answer
        return held

    def reconcile(self) -> dict[str, Any]:
        return self.call("POST", "/v1/reconcile", {})

    def hand_over(self, *, to: int, generation: int) -> dict[str, Any]:
        answer = self.call("POST", "/v1/hand_over", {"to": to, "generation": generation})
        handover: dict[str, Any] = answer["handover"]
        return handover

    def reassert(self, *, above: int) -> Reasserted:
        answer = self.call("POST", "/v1/reassert", {"above": above})
        return {"term": int(answer["term"]), "handover": answer["handover"]}

    def follow(self, *, node_id: int, by: str, late_changes: int = 0) -> FollowAnswer:
        body = {"node_id": node_id, "by": by, "late_changes": late_changes}
        answer = self.call("POST", "/v1/follow", body)
        return {"above_term": int(answer["above_term"])}

    def receive(self, jws: str) -> None:
        self.call("POST", "/v1/receive", {"jws": jws})

    def attest(self) -> str:
        return str(self.call("POST", "/v1/attest", {})["jws"])

    def farewell(self, *, node_id: int, identity_key: str) -> str:
        body = {"node_id": node_id, "identity_key": identity_key}
        return str(self.call("POST", "/v1/farewell", body)["jws"])

    def clean_start(self) -> None:
        self.call("POST", "/v1/clean_start", {})

    def sign_checkpoint(self, *, count: int, hash: str) -> str:
        return str(self.call("POST", "/v1/sign_checkpoint", {"count": count, "hash": hash})["jws"])

    def sign_manifest(self, manifest: Mapping[str, Any]) -> str:
        return str(self.call("POST", "/v1/sign_manifest", {"manifest": manifest})["jws"])

    def checkpoints(self, *, trail: int) -> list[str]:
        return list(self.call("POST", "/v1/checkpoints", {"trail": trail})["checkpoints"])


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("agent", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


class SocketAgent(JsonAgent):
    """The real agent, over ``run/agent.sock``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def call(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        connection = _UnixConnection(self._path)
        try:
            content = json.dumps(body) if method == "POST" else None
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise AgentUnavailable(problem=error) from error
        finally:
            connection.close()
        if response.status >= 400:
            raise AgentRefused(code=answer["code"], detail=answer["detail"], status=response.status)
        return answer


def get_local_agent() -> LocalAgent:
    """This machine's agent, or what the setting ``LOCAL_AGENT`` puts in its place (an object, or
    a path to its maker).
    """
    other: LocalAgent | str | None = getattr(settings, "LOCAL_AGENT", None)
    if isinstance(other, str):
        made: LocalAgent = import_string(other)()
        return made
    return other or SocketAgent(settings.FLOTILLA.AGENT_SOCKET)
