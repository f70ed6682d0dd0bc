"""The audit trail's page: filters in one line, sentences below them, newest first."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.generic import TemplateView, View

from audit.actions import AuditAction
from audit.filters import EventFilter
from audit.models import AuditEvent, AuditHead
from audit.verification import verify

PAGE_SIZE = 50
COUNTED = 10_000
"""Counting goes no further: nobody reads on, and the database would have to."""


class TrailPage(TemplateView):
    """Who did what to what, from where, when, and with what result (S55 to S57)."""

    template_name = "audit/trail.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        question = EventFilter(
            self.request.GET, queryset=AuditEvent.objects.trail().defer("search_text")
        )
        form = _with_choices(question.form)
        found = question.qs if form.is_valid() else AuditEvent.objects.none()
        before = _identifier(self.request.GET.get("before", ""))
        page = list((found.filter(id__lt=before) if before else found)[: PAGE_SIZE + 1])
        return super().get_context_data(
            form=form,
            events=page[:PAGE_SIZE],
            is_filtered=form.has_changed(),
            is_newest=before is None,
            newest=_address(self.request.GET),
            earlier=_address(self.request.GET, before=page[PAGE_SIZE - 1].pk)
            if len(page) > PAGE_SIZE
            else None,
            count=_count(found, is_filtered=form.has_changed()),
            counted=COUNTED,
            **context,
        )


class VerifyTrail(View):
    """Verifies every event, now."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "audit/verification.html", {"report": verify()})


def _with_choices(form: forms.Form) -> forms.Form:
    """Users and actions to choose from: those that occur."""
    users = AuditEvent.objects.order_by("user").values_list("user", flat=True).distinct()
    occurring = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
    actions = [action for action in AuditAction if action in set(occurring)]
    for name, choices in (
        ("user", [(user, user) for user in users]),
        ("action", [(action.value, action.label) for action in actions]),
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


def _count(found: QuerySet[AuditEvent], *, is_filtered: bool) -> int:
    """Exact for the whole trail, whose ids have no gap; else up to one more than is counted."""
    if is_filtered:
        return found.order_by()[: COUNTED + 1].count()
    head = AuditHead.objects.first()
    return head.last_id if head else 0
