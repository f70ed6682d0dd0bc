"""What the joining machine says to the leader, and how it takes the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from cluster import identity, join_warnings
from cluster.errors.joining import (
    ConnectionFailed,
    LeaderAnswerMalformed,
    LeaderRefused,
    TlsVerifyError,
    VersionMismatch,
)
from cluster.transport import Answer, Unreachable, WrongCertificate, get_transport
from cluster.workflows.steps import Run, StepFailed, Wait
from config.version import VERSION
from nodes.agent import checks, document
from nodes.agent.errors import DocumentError
from nodes.local_agent import AgentStatus
from nodes.role import Role

PASSES = 3
"""How often all URLs are tried before the leader counts as unreachable."""
PAUSE = 1.0
LARGEST_STATE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FoundLeader:
    """The first URL of the join code that leads to the leader."""

    url: str
    warnings: list[dict[str, str]]


def find_leader(run: Run) -> FoundLeader:
    """Try the join code's URLs in their order; the secret is not part of this.

    Raises ``TlsVerifyError``, ``VersionMismatch``, ``ConnectionFailed``.
    """
    failures = {}
    for url in run.operation.parameters["urls"]:
        try:
            return _look_at(url, run)
        except Unreachable as failure:
            failures[url] = str(failure)
        except WrongCertificate:
            failures[url] = "another certificate"
    if "another certificate" in failures.values():
        url = next(url for url, reason in failures.items() if reason == "another certificate")
        raise TlsVerifyError(url=url)
    attempts = "; ".join(f"{url}: {reason}" for url, reason in failures.items())
    if run.operation.attempts < PASSES:
        raise Wait(PAUSE, attempts)
    raise StepFailed(ConnectionFailed(attempts=attempts))


def _look_at(url: str, run: Run) -> FoundLeader:
    answer = _call(run, "GET", url, "leadership")
    says = answer.body
    if answer.status != 200 or not isinstance(says.get("version"), str):
        raise Unreachable("it is no Flotilla node")
    if says.get("role") != Role.LEADER:
        raise Unreachable(f"it is not the leader now, but {says.get('role')}")
    if says.get("cluster") != run.operation.parameters["cluster"]:
        raise Unreachable("it leads another cluster than the join code's")
    if says["version"].split(".")[:2] != VERSION.split(".")[:2]:
        raise VersionMismatch(leader=says["version"], node=VERSION)
    return FoundLeader(url, [warning.as_json() for warning in _compare_clocks(says)])


def _compare_clocks(says: Mapping[str, Any]) -> list[join_warnings.JoinWarning]:
    try:
        leader = datetime.fromisoformat(str(says.get("time"))).timestamp()
    except ValueError:
        return []
    return join_warnings.of_clocks(leader=leader, node=timezone.now().timestamp())


def ask_for_place(run: Run, *, status: AgentStatus, token: str) -> dict[str, Any]:
    """Enrol; waits while another machine is joining, or the leader is not there for a moment.

    Raises ``LeaderRefused`` with the leader's own code, ``TlsVerifyError``.
    """
    try:
        answer = _call(run, "POST", _url_of(run), "enrol", body=_describe(run, status, token))
    except Unreachable as failure:
        raise Wait(PAUSE, f"The leader does not answer: {failure}.") from None
    except WrongCertificate as error:
        raise TlsVerifyError(url=str(error)) from None
    if answer.status in (200, 201):
        return _read_place(answer, cluster=run.operation.parameters["cluster"])
    code, detail = str(answer.body.get("code")), str(answer.body.get("detail"))
    if code == "operation_in_progress":
        raise Wait(PAUSE, "Another machine is joining; this one is next.")
    if answer.status >= 500:
        raise Wait(PAUSE, f"The leader cannot answer now: {detail}")
    raise LeaderRefused(code=code, detail=detail)


def _url_of(run: Run) -> str:
    """The URL that worked; when it stops working, the others in turn."""
    urls = run.operation.parameters["urls"]
    first = urls.index(run.data["url"])
    return str(urls[(first + run.operation.attempts - 1) % len(urls)])


def _describe(run: Run, status: AgentStatus, token: str) -> dict[str, Any]:
    wanted = run.operation.parameters
    return {
        "code": {"id": wanted["join_code"], "secret": run.secret["secret"]},
        "token": token,
        "fqdn": wanted["fqdn"],
        **status["keys"],
        "endpoint": identity.endpoint(wanted["fqdn"]),
        "console_url": identity.console_url(wanted["fqdn"]),
        "tls_fingerprint": identity.tls_fingerprint(),
        "version": VERSION,
        "distribution": status["distribution"],
        "networks": status["networks"],
        "tls_verified": wanted["tls_verify"],
    }


def _call(
    run: Run, method: str, url: str, name: str, *, body: Mapping[str, Any] | None = None
) -> Answer:
    wanted = run.operation.parameters
    fingerprint = wanted["tls_fingerprint"] if wanted["tls_verify"] else None
    address = f"{url}/agent/v1/{name}"
    return get_transport().call(method, address, fingerprint=fingerprint, body=body)


def _read_place(answer: Answer, *, cluster: str) -> dict[str, Any]:
    """Only what is understood, and only of the cluster that the join code names."""
    try:
        jws = checks.text(answer.body, "jws", longest=LARGEST_STATE)
        found = document.read_unverified(jws)["cluster"]["uuid"]
        place = {
            "node_id": checks.number(answer.body, "node_id"),
            "jws": jws,
            "leader": checks.mapping(answer.body, "leader"),
            "warnings": list(answer.body["warnings"]),
            "cluster": cluster,
        }
    except (ValueError, KeyError, TypeError, DocumentError) as error:
        raise StepFailed(LeaderAnswerMalformed(problem=error)) from error
    if found != cluster:
        raise StepFailed(LeaderAnswerMalformed(problem="its state is of another cluster"))
    return place
