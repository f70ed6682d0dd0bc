"""Web obeys the node's role, without a restart: what a role does not allow is refused here."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from cluster.agent_api.edge import error_response
from cluster.errors import ClusterNotCreated, NotLeader
from config.errors import Conflict
from nodes import role
from nodes.role import NodeIdentity, Role

ALWAYS = re.compile(
    r"/(static/|healthz$|readyz$|metrics$|agent/v1/leadership$|banners/$|logout/$|$)"
)
"""Open whatever the role is; ``/`` is another page for each."""
NEEDS_CLUSTER = re.compile(
    r"/(api/v1/(?!(auth|account|tokens|administrators|cluster|operations)/)|agent/"
    r"|nodes/|join-codes/|settings/cluster/)"
)
"""Closed before there is a cluster."""
FOLLOWS_JOIN = re.compile(r"/(api/v1/)?operations/[0-9a-f-]{36}/$")
"""Open on a worker for reading, so that its own join can be followed to the end."""


class RoleMiddleware:
    """Lets through what the node's role allows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refused = refusal(request, role.current())
        return self.get_response(request) if refused is None else _answer(request, refused)


def refusal(request: HttpRequest, present: NodeIdentity) -> Conflict | None:
    """Why a node in this role does not answer this, or None."""
    if present.role == Role.LEADER or ALWAYS.match(request.path):
        return None
    if present.role == Role.UNINITIALISED:
        return ClusterNotCreated() if NEEDS_CLUSTER.match(request.path) else None
    if request.method in ("GET", "HEAD") and FOLLOWS_JOIN.match(request.path):
        return None
    return NotLeader(where=_where(present))


def _where(present: NodeIdentity) -> str:
    if present.leader is None:
        return "It belongs to no cluster any more."
    return f"The leader is {present.leader.fqdn}: {present.leader.console_url}"


def _answer(request: HttpRequest, refused: Conflict) -> HttpResponse:
    """In the language of whoever asked."""
    if request.path.startswith("/agent/"):
        return error_response(refused)
    if request.path.startswith("/api/"):
        errors = [{"code": refused.code, "detail": refused.detail, "attr": None}]
        return JsonResponse({"type": "client_error", "errors": errors}, status=refused.status)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect("/")
    return redirect("/")
