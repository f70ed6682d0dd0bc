"""Web obeys the node's role, without a restart: what a role does not allow is refused here."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from cluster import claims
from cluster.agent_api.edge import error_response as agent_error
from cluster.errors import ClusterNotCreated, NotLeader
from cluster.errors.leadership import LeaderDeposed, LeadershipContested, LeadershipMoving
from cluster.freeze import is_frozen
from config.api.exceptions import error_response as api_error
from config.errors import DomainError
from config.refusals import refusal_page
from nodes import role
from nodes.role import NodeIdentity, Role

SAFE = ("GET", "HEAD", "OPTIONS")
ALWAYS = re.compile(
    r"/(static/|healthz$|readyz$|metrics$|agent/v1/leadership$|banners/$|logout/$|help/|$)"
)
"""Open whatever the role is; ``/`` is another page for each."""
NEEDS_CLUSTER = re.compile(
    r"/(api/v1/(?!(auth|account|tokens|administrators|access-policy|cluster|operations)/)|agent/"
    r"|overview/|nodes/|join-codes/|applications/|domains/|logs/"
    r"|settings/(cluster|backup|applications|logs)/)"
)
"""Closed before there is a cluster."""
FOLLOWS_JOIN = re.compile(r"/(api/v1/)?operations/[0-9a-f-]{36}/$")
"""Open on a worker for reading, so that its own join can be followed to the end."""
TAKES_OVER = re.compile(r"/agent/v1/(prepare|lead|audit_export)$")
"""Open on a worker: its leader hands the leadership to it, or fetches what was promised with it."""
LOGIN = re.compile(r"/((api/v1/auth/)?(login|logout)/|login/.*|api/v1/account/proof/)$")
CANCEL = re.compile(r"/(api/v1/)?operations/[0-9a-f-]{36}/cancel/$")
OWN_PASSWORD = re.compile(r"/(api/v1/)?account/password/$")
AGENTS = re.compile(r"/agent/v1/(sync|farewell)$")
FOLLOW = re.compile(r"/(api/v1/cluster/follow|follow-leader)/$")
REASSERT = re.compile(r"/(api/v1/cluster/reassert|reassert-leader)/$")
CLEAN_START = re.compile(r"/(api/v1/cluster/clean-start|clean-start)/$")
OWN_CLUSTER = re.compile(r"/api/v1/cluster/$")


class RoleMiddleware:
    """Lets through what the node's role allows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        present = role.current()
        moved = _follow_leader(request, present)
        if moved is not None:
            return moved
        refused = refusal(request, present)
        if refused is None:
            return self.get_response(request)
        return _answer(request, refused, present)


def refusal(request: HttpRequest, present: NodeIdentity) -> DomainError | None:
    """Why a node in this role does not answer this, or None."""
    if ALWAYS.match(request.path):
        return None
    return RULES[present.role](request, present)


def _as_new(request: HttpRequest, present: NodeIdentity) -> DomainError | None:
    return ClusterNotCreated() if NEEDS_CLUSTER.match(request.path) else None


def _as_leader(request: HttpRequest, present: NodeIdentity) -> DomainError | None:
    if request.method in SAFE or _is_one_of(request, LOGIN, AGENTS):
        return None
    if present.is_contested:
        decides = _is_one_of(request, FOLLOW, REASSERT)
        return None if decides else LeadershipContested(claims=claims.in_words(present))
    if is_frozen() and not _is_one_of(request, CANCEL):
        return LeadershipMoving()
    return None


def _as_worker(request: HttpRequest, present: NodeIdentity) -> DomainError | None:
    if TAKES_OVER.match(request.path):
        return None
    if request.method in SAFE and FOLLOWS_JOIN.match(request.path):
        return None
    return NotLeader(where=_where(present))


def _as_deposed(request: HttpRequest, present: NodeIdentity) -> DomainError | None:
    if request.path.startswith("/agent/"):
        return NotLeader(where=_where(present))
    if request.method in SAFE or _is_one_of(request, LOGIN, FOLLOW):
        return None
    successor = present.successor or {}
    return LeaderDeposed(leader=successor.get("fqdn"), url=successor.get("console_url"))


def _as_removed(request: HttpRequest, present: NodeIdentity) -> DomainError | None:
    if _is_one_of(request, LOGIN, CLEAN_START, OWN_PASSWORD):
        return None
    if request.method in SAFE and OWN_CLUSTER.match(request.path):
        return None
    return NotLeader(where="It was removed from its cluster.")


Rule = Callable[[HttpRequest, NodeIdentity], DomainError | None]
RULES: Mapping[Role, Rule] = {
    Role.UNINITIALISED: _as_new,
    Role.LEADER: _as_leader,
    Role.WORKER: _as_worker,
    Role.DEPOSED: _as_deposed,
    Role.REMOVED: _as_removed,
}


def _is_one_of(request: HttpRequest, *patterns: re.Pattern[str]) -> bool:
    return any(pattern.match(request.path) for pattern in patterns)


def _where(present: NodeIdentity) -> str:
    if present.leader is None:
        return "It belongs to no cluster any more."
    return f"The leader is {present.leader.fqdn}: {present.leader.console_url}"


def _follow_leader(request: HttpRequest, present: NodeIdentity) -> HttpResponse | None:
    """After a planned promotion an open page of the old leader goes on at the new one.

    By its start page, which waits for a candidate that does not know yet that it leads.
    """
    is_live = request.method in SAFE and "HX-Request" in request.headers
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path
    page = page if page.startswith("/") else request.path
    if not is_live or present.role != Role.WORKER or present.handed_over is None or page == "/":
        return None
    if present.leader is None:
        return None
    there = present.leader.console_url.removesuffix("/")
    return HttpResponseClientRedirect(f"{there}/?{urlencode({'next': page})}")


def _answer(request: HttpRequest, refused: DomainError, present: NodeIdentity) -> HttpResponse:
    """In the language of whoever asked."""
    if request.path.startswith("/agent/"):
        return _answer_agent(refused, present)
    if request.path.startswith("/api/"):
        return api_error(refused)
    if isinstance(refused, NotLeader | ClusterNotCreated):
        is_live = "HX-Request" in request.headers
        return HttpResponseClientRedirect("/") if is_live else redirect("/")
    return refusal_page(request, refused)


def _answer_agent(refused: DomainError, present: NodeIdentity) -> HttpResponse:
    """An agent that asks the wrong node is told whom to ask, if that is known."""
    if not isinstance(refused, NotLeader):
        return agent_error(refused)
    leader = present.leader if present.role in (Role.WORKER, Role.DEPOSED) else None
    hint = leader and {"id": leader.id, "console_url": leader.console_url}
    content = {"code": refused.code, "detail": refused.detail, "leader": hint}
    return JsonResponse(content, status=refused.status)
