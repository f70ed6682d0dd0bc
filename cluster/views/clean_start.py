"""A removed machine starts anew (S21, S22)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from accounts.views.page import FormPage
from cluster.errors import ConfirmationMismatch
from cluster.services.clean_start import clean_start
from cluster.views.confirmation import ConfirmedForm
from nodes.role import Role, current


class CleanStartPage(FormPage):
    """Forgets the former cluster, so that this machine can create or join one."""

    template_name = "cluster/clean_start.html"
    form_class = ConfirmedForm

    def dispatch(self, request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        if current().role != Role.REMOVED:
            return redirect("admin:index")
        return super().dispatch(request, *args, **captured)

    @property
    def expected(self) -> str:
        return f"node{current().node_id}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"expected": self.expected}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(present=current(), **context)

    def submit(self, form: forms.Form) -> HttpResponse:
        if form.cleaned_data["confirmation"] != self.expected:
            raise ConfirmationMismatch(field="confirmation", expected=self.expected)
        clean_start(actor=self.actor)
        return redirect("admin:index")
