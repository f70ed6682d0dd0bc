"""What the leader says to the node that is to lead after it, and how it takes the answers."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from cluster.errors.joining import LeaderRefused
from cluster.errors.leadership import StateNotHeld, TakeoverNotPrepared
from cluster.transport import Answer, Line, Unreachable, WrongCertificate, get_transport
from cluster.workflows.steps import Run, Wait
from nodes import role
from nodes.local_agent import get_local_agent
from nodes.models import Node

POLL = 0.1
Json = Mapping[str, Any]


class NotPrepared(Exception):
    """The candidate does not know the state that it is to lead from."""


def make_token(node: Node) -> str:
    """What proves to that node, and to no other, that its leader calls."""
    audience = f"{role.current().cluster}/{node.pk}"
    return get_local_agent().token(audience=audience)


@contextmanager
def open_line(run: Run, node: Node) -> Iterator[Line]:
    """A connection to the node by its public address, or else through the VPN; waits without."""
    try:
        with _open(node) as line:
            yield line
    except Unreachable as failure:
        raise Wait(run.pause, f"node{node.pk} does not answer: {failure}.") from None
    except WrongCertificate:
        detail = f"node{node.pk} does not show the certificate that it came with."
        raise Wait(run.pause, detail) from None


@contextmanager
def _open(node: Node) -> Iterator[Line]:
    network, fingerprint = get_transport(), node.tls_fingerprint
    port = urlsplit(node.console_url).port or 443
    with ExitStack() as stack:
        try:
            line = stack.enter_context(network.open_line(node.console_url, fingerprint=fingerprint))
        except Unreachable:
            inside = f"https://{node.vpn_address}:{port}"
            line = stack.enter_context(network.open_line(inside, fingerprint=fingerprint))
        yield line


def ask_to_prepare(run: Run, node: Node, *, term: int, generation: int) -> None:
    """Have the candidate check itself, and import the state; raises ``LeaderRefused``."""
    body = {"term": term, "generation": generation, "operation": str(run.operation.pk)}
    token = make_token(node)
    with open_line(run, node) as line:
        answer = line.post("/agent/v1/prepare", body, token=token)
    if answer.body.get("code") == StateNotHeld.code:
        raise Wait(POLL, str(answer.body.get("detail")))
    _check(run, answer)


def ask_to_lead(run: Run, line: Line, body: Json, *, token: str) -> str:
    """The first state of the next term, signed by the candidate; raises ``NotPrepared``."""
    answer = line.post("/agent/v1/lead", body, token=token)
    if answer.body.get("code") == TakeoverNotPrepared.code:
        raise NotPrepared
    _check(run, answer)
    return str(answer.body["jws"])


def _check(run: Run, answer: Answer) -> None:
    code, detail = str(answer.body.get("code")), str(answer.body.get("detail"))
    if answer.status >= 500:
        raise Wait(run.pause, f"The node cannot answer now: {detail}")
    if answer.status != 200:
        raise LeaderRefused(code=code, detail=detail)
