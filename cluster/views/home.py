"""The start page leads to where this node's role begins; a worker has a page of its own."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View

from cluster.views.worker import WorkerPage
from nodes.role import Role, current

START = {Role.UNINITIALISED: "welcome", Role.LEADER: "overview", Role.DEPOSED: "overview"}


@method_decorator(login_not_required, name="dispatch")
class HomePage(View):
    """``/``: the leader's overview, a new machine's welcome, or a worker's statement (S5, S9).

    A worker that leads by now goes on to the page that it was asked for before, ``next``.
    """

    def get(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        role = current().role
        start = START.get(role)
        if start is not None:
            asked = request.GET.get("next", "") if role == Role.LEADER else ""
            is_own = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
            return HttpResponseRedirect(asked) if is_own else redirect(start)
        answer: HttpResponse = WorkerPage.as_view()(request)
        return answer
