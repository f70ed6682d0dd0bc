"""Adding a node: a join code, shown once (S7, S11)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from accounts.actors import actor_from
from accounts.views.page import FormPage
from cluster.models import JoinCode
from cluster.services.join_codes import create_join_code, revoke_join_code
from cluster.services.queries import get_cluster
from cluster.views.page import LivePage
from config.errors import DomainError
from nodes.models import Node

HOUR = 3600
RECENT = 12


class JoinCodeForm(forms.Form):
    """How long a new code may be used."""

    ttl_seconds = forms.TypedChoiceField(
        coerce=int,
        label=_("The code can be used for"),
        choices=(
            (HOUR // 4, _("15 minutes")),
            (HOUR, _("1 hour")),
            (8 * HOUR, _("8 hours")),
            (24 * HOUR, _("1 day")),
        ),
        initial=HOUR,
    )


def capacity() -> dict[str, object]:
    """How many nodes there are, and whether another one would be refused (S4)."""
    cluster, members = get_cluster(), Node.objects.members().count()
    return {"members": members, "is_full": cluster is not None and members >= cluster.max_nodes}


class AddNodePage(FormPage):
    """What to do on the other machine, the codes that can still be used, and a new one."""

    template_name = "cluster/add_node.html"
    form_class = JoinCodeForm
    asks_for_proof = ("POST",)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        codes = JoinCode.objects.select_related("node")[:RECENT]
        return super().get_context_data(codes=codes, **capacity(), **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        join_code, text = create_join_code(actor=self.actor, **form.cleaned_data)
        context = {"join_code": join_code, "code": text, "live": True, **capacity()}
        return render(self.request, "cluster/join_code_made.html", context)


class JoinCodePage(LivePage):
    """What has become of a join code; never the code itself."""

    template_name = "cluster/join_code.html"
    fragment_name = "cluster/join_code_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        query = JoinCode.objects.select_related("node")
        join_code = get_object_or_404(query, pk=self.kwargs["code_id"])
        return super().get_context_data(join_code=join_code, **context)


class RevokeJoinCode(View):
    """Makes a join code useless at once."""

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        join_code = get_object_or_404(JoinCode, pk=captured["code_id"])
        try:
            revoke_join_code(join_code, actor=actor_from(request))
        except DomainError as error:
            messages.error(request, error.shown)
        else:
            messages.success(request, gettext("The join code was revoked."))
        return redirect("node_add")
