"""What a machine offers before it belongs to a cluster."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import View

from cluster.views.page import LivePage
from nodes.role import Role, current


class OnlyUninitialised(View):
    """Pages that make sense until this machine belongs to a cluster."""

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        if current().role != Role.UNINITIALISED:
            return redirect("admin:index")
        return super().dispatch(request, *args, **captured)


class WelcomePage(OnlyUninitialised, LivePage):
    """Create a cluster, join one, or restore one (S9)."""

    template_name = "cluster/welcome.html"
    fragment_name = "cluster/welcome_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(identity=current(), **context)
