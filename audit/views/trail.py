"""The audit trail's page: filters in one line, sentences below them, newest first."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.generic import TemplateView, View

from audit.actions import AuditAction
from audit.filters import EventFilter
from audit.models import AuditEvent
from audit.search.choices import occurring_actions, occurring_users
from audit.search.count import count
from audit.search.find import Findings, find
from audit.search.sql import MOST
from audit.verification import verify

PAGE_SIZE = 50
NOTHING = Findings([], None, None)


class TrailPage(TemplateView):
    """Who did what to what, from where, when, and with what result (S55 to S57)."""

    template_name = "audit/trail.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        asked = EventFilter(self.request.GET, queryset=AuditEvent.objects.none())
        form = _with_choices(asked.form)
        before = _identifier(self.request.GET.get("before", ""))
        is_valid = form.is_valid()
        found = find(asked.question, limit=PAGE_SIZE, before=before) if is_valid else NOTHING
        return super().get_context_data(
            form=form,
            events=found.events,
            searched_back_to=found.searched_back_to,
            is_filtered=form.has_changed(),
            is_newest=before is None,
            newest=_address(self.request.GET),
            earlier=_address(self.request.GET, before=found.before) if found.before else None,
            count=count(asked.question) if is_valid else None,
            counted=MOST,
            **context,
        )


class VerifyTrail(View):
    """Verifies every event, now."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "audit/verification.html", {"report": verify()})


def _with_choices(form: forms.Form) -> forms.Form:
    """Users and actions to choose from: those that occur."""
    occurring = set(occurring_actions())
    for name, choices in (
        ("user", [(user, user) for user in occurring_users()]),
        ("action", [(a.value, a.label) for a in AuditAction if a in occurring]),
        ("outcome", form.fields["outcome"].choices),  # type: ignore[attr-defined]  # a choice field
    ):
        form.fields[name].widget = forms.CheckboxSelectMultiple(choices=choices)
    return form


def _identifier(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _address(asked: QueryDict, before: int | None = None) -> str:
    """This page's query with another place to go on from."""
    parameters = asked.copy()
    parameters.pop("before", None)
    if before is not None:
        parameters["before"] = str(before)
    return f"?{parameters.urlencode()}"
