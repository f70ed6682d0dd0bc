"""How the directories of a domain are: asked of the nodes while somebody waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cluster.applications.sealing import seal
from cluster.domains.members import nodes_of
from cluster.domains.recipe import url_of
from cluster.domains.replica import password_of
from cluster.models import Domain
from cluster.services.answers import await_answers
from nodes.models import Command, Node
from nodes.services.commands import send_question

PATIENCE = 5.0
MOST_POSITIONS = 300
IN_STEP, BEHIND, UNREACHABLE = "in_step", "behind", "unreachable"
STAGES = {
    "name": "its name",
    "connect": "the connection",
    "tls": "TLS",
    "bind": "the login",
    "base": "the base entry",
}
"""In which order a directory is looked at."""
POSITIONLESS: dict[str, Any] = {"positions": []}
"""Directories elsewhere need not say how far they are."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """One directory as one node sees it."""

    node: Node
    url: str
    state: str
    """``in_step`` also of one that has nobody to be in step with."""
    failed: str = ""
    """What of the look went wrong, as in ``STAGES``; empty where the node itself is silent."""
    detail: str = ""

    @property
    def stage(self) -> str:
        return STAGES.get(self.failed, "")


def look(domain: Domain) -> list[Sight]:
    """Each provider as its own node sees it, or each directory elsewhere as every node does."""
    if domain.is_provided:
        wanted = {node: [url_of(domain, node)] for node in nodes_of(domain)}
    else:
        members = Node.objects.filter(state=Node.State.ACTIVE).select_related("contact")
        wanted = {node: list(domain.urls) for node in members.order_by("pk")}
    seen = _ask(domain, wanted)
    return compare(seen if domain.is_provided else [(n, each | POSITIONLESS) for n, each in seen])


def compare(seen: Iterable[tuple[Node, Json]]) -> list[Sight]:
    """Who has all changes that anybody has; a change is known by its time and its origin."""
    answers = list(seen)
    newest: dict[str, str] = {}
    for _, each in answers:
        for origin, moment in _positions(each).items():
            newest[origin] = max(moment, newest.get(origin, ""))
    return [_judge(node, each, newest=newest) for node, each in answers]


def _judge(node: Node, seen: Json, *, newest: Mapping[str, str]) -> Sight:
    url = _text(seen.get("url"))
    if seen.get("ok") is not True:
        failed, detail = _text(seen.get("failed")), _text(seen.get("detail"))
        return Sight(node, url, UNREACHABLE, failed=failed, detail=detail)
    return Sight(node, url, IN_STEP if _positions(seen) == newest else BEHIND)


def _ask(domain: Domain, wanted: Mapping[Node, list[str]]) -> list[tuple[Node, Json]]:
    """What each node says of each of its URLs."""
    online = [node for node in wanted if node.status == Node.Status.ONLINE]
    sent = [_send(node, question(domain, node, wanted[node])) for node in online]
    await_answers(sent, patience=PATIENCE)
    results = dict(Command.objects.filter(pk__in=sent).values_list("node_id", "result"))
    Command.objects.filter(pk__in=sent).delete()
    return [
        (node, _said(results.get(node.pk), url, is_asked=node in online))
        for node, urls in wanted.items()
        for url in urls
    ]


def _send(node: Node, question: Json) -> int:
    """Beside the questions of others who look at the same time."""
    verb, lifetime = Command.Verb.PROBE_DIRECTORY, timedelta(seconds=PATIENCE)
    return send_question(node, verb=verb, arguments=question, lifetime=lifetime).pk


def question(domain: Domain, node: Node, urls: list[str]) -> Json:
    """Providers tell everybody in the VPN how far they are: no password is sent for that."""
    password = "" if domain.is_provided else password_of(domain)
    return {
        "urls": urls,
        "base": domain.base_dn,
        "bind_dn": domain.bind_dn if password else "",
        "sealed": seal({"password": password}, node=node) if password else "",
        "verify": domain.verify_tls,
        "start_tls": domain.start_tls,
        "ca": domain.ca,
    }


def _said(result: Any, url: str, *, is_asked: bool) -> Json:
    """Of one URL, or why nothing was said of it."""
    silence = "The node does not answer." if is_asked else "The node is offline."
    data = result.get("data") if isinstance(result, dict) else None
    told = data.get("directories") if isinstance(data, dict) else None
    found = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    return next((e for e in found if e.get("url") == url), {"detail": silence}) | {"url": url}


def _positions(seen: Json) -> dict[str, str]:
    """The newest change of each origin: ``20261122183423.032964Z#000000#001#000000``."""
    told = seen.get("positions") if seen.get("ok") is True else None
    values = told[:MOST_POSITIONS] if isinstance(told, list) else []
    parts = [value.split("#") for value in values if isinstance(value, str)]
    return {each[2]: f"{each[0]}#{each[1]}" for each in parts if len(each) == 4}


def _text(value: object) -> str:
    return value[:300] if isinstance(value, str) and value.isprintable() else ""
