"""Pages of a leader that was replaced, or whose lead another node disputes (design section 4)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.views.page import FormPage
from cluster import claims
from cluster.services import reasserting, returning, switching
from nodes.role import NodeIdentity, Role, current

SHOWN = 100
"""Late changes on the page; all of them are in the file that is kept."""


class FollowForm(forms.Form):
    """Whom to follow: one, as a rule."""

    leader = forms.TypedChoiceField(coerce=int, label=_("Follow"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, leaders: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["leader"]
        field.choices = [(number, f"node{number}") for number in leaders]  # type: ignore[attr-defined]
        if len(leaders) == 1:
            field.widget = forms.HiddenInput()


class FollowLeaderPage(FormPage):
    """Lists what was changed here too late, and makes this node follow the new leader."""

    template_name = "cluster/follow_leader.html"
    form_class = FollowForm
    asks_for_proof = ("POST",)

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        if not self.leaders:
            return redirect("admin:index")
        return super().dispatch(request, *args, **captured)

    @property
    def leaders(self) -> list[int]:
        """The nodes that can be followed from here."""
        present = current()
        if present.role == Role.DEPOSED:
            return [int(present.successor["id"])] if present.successor else []
        return claims.leaders(present) if present.is_contested else []

    @property
    def wanted(self) -> int:
        """The one that the link named, if it can be."""
        named = self.request.GET.get("node", "")
        return next((number for number in self.leaders if str(number) == named), self.leaders[0])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"leaders": self.leaders}

    def get_initial(self) -> dict[str, object]:
        return {"leader": self.wanted}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        late = returning.find_late_writes()
        return super().get_context_data(
            present=current(),
            wanted=self.wanted,
            late_writes=late[:SHOWN],
            late_count=late.count(),
            **context,
        )

    def submit(self, form: forms.Form) -> HttpResponse:
        switching.follow(actor=self.actor, node_id=form.cleaned_data["leader"])
        return redirect("admin:index")


class ReassertPage(FormPage):
    """Confirms that this node leads, against the few that follow another."""

    template_name = "cluster/reassert_leader.html"
    form_class = forms.Form
    asks_for_proof = ("POST",)

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        if not current().is_contested:
            return redirect("admin:index")
        return super().dispatch(request, *args, **captured)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        present: NodeIdentity = current()
        return super().get_context_data(
            present=present,
            others=claims.leaders(present),
            **context,
        )

    def submit(self, form: forms.Form) -> HttpResponse:
        switched = reasserting.reassert(actor=self.actor)
        messages.success(
            self.request,
            gettext("This node leads the cluster, in term %(term)s.") % {"term": switched.term},
        )
        return redirect("nodes")
