"""The access rule on pages, and the end of sessions that nobody uses and of what they stream."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, resolve_url
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import is_logged_in, refusal
from accounts.denials import note_denial
from accounts.errors import (
    PasswordChangeRequired,
    ProofRequired,
    ReadOnlyAccess,
    SecondFactorMissing,
)
from accounts.services.credentials import Credential
from accounts.sessions import is_idle, touch
from accounts.streams import guard
from accounts.views.proof import ask_for_proof

OWN_RULES = ("/api/", "/agent/")
"""Below these the API's permission and the agents' signatures decide."""
OPEN = ("/healthz", "/readyz")
"""Health says up or down, and nothing else."""
OF_PAGES = ("GET", "HEAD", "OPTIONS", "POST")
"""All that browsers' forms send. Django's would take PUT for POST, whose proof it need not give."""


class AccessMiddleware:
    """Lets nobody see a page whom the rule does not let in; pages need not ask for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_idle(request):
            request.session.flush()
            request.user = AnonymousUser()
        touch(request)
        response: HttpResponseBase = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and is_logged_in(request):
            guard(response, credential=Credential.of(request))
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponse | None:
        if request.path.startswith(OWN_RULES) or request.path.rstrip("/") in OPEN:
            return None
        if request.method not in OF_PAGES:
            return HttpResponseNotAllowed(OF_PAGES)
        if not getattr(view, "login_required", True):
            return None
        if not is_logged_in(request):
            return _to_login(request, view)
        return _enforce(request, view)


def _enforce(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> HttpResponse | None:
    refused = refusal(request, getattr(view, "view_class", view))
    if refused is not None:
        note_denial(request, refused)
    match refused:
        case None:
            return None
        case PasswordChangeRequired():
            return _whole(request, redirect("password_change"))
        case ProofRequired():
            return ask_for_proof(request)
        case SecondFactorMissing():
            return _whole(request, redirect("two_factor_begin"))
        case ReadOnlyAccess():
            raise PermissionDenied(refused.shown)
        case _:
            logout(request)
            return _to_login(request, view)


def _to_login(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> HttpResponse:
    """Whoever sent a form learns there that it came too late, and goes on to what can be opened."""
    if request.method != "POST":
        return _whole(request, redirect_to_login(request.get_full_path()))
    is_page = hasattr(getattr(view, "view_class", view), "get")
    late = f"{resolve_url(settings.LOGIN_URL)}?late=1"
    return _whole(request, redirect_to_login(request.get_full_path() if is_page else "/", late))


def _whole(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """``page``; where only a part was polled for, the whole page is asked for anew."""
    return HttpResponseClientRefresh() if "HX-Request" in request.headers else page
