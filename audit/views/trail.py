"""The audit trail's page: filters in one line, sentences below them, newest first."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.views.generic import TemplateView

from audit.actions import AuditAction
from audit.export.service import ExportFormat
from audit.filters import EventFilter
from audit.models import Outcome
from audit.rounds import read_round
from audit.search.choices import occurring_actions, occurring_users
from audit.search.count import Count, count
from audit.search.find import Findings, find
from audit.search.question import Question
from audit.search.sql import MOST

PAGE_SIZE = 50
ELSEWHERE = ("before", "live")
"""What the address says beside the filter."""
NOTHING = Findings([], None, None)


class TrailPage(TemplateView):
    """Who did what to what, from where, when, and with what result (S55 to S57)."""

    template_name = "audit/trail.html"
    fragment_name = "audit/events.html"

    def get_template_names(self) -> list[str]:
        is_fragment = getattr(self.request, "htmx", False)
        return ["console/fragment.html"] if is_fragment else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        given = self.request.GET
        asked = EventFilter(given)
        form = _with_choices(asked.form, users=self.users(), actions=self.actions())
        before, is_valid = _identifier(given.get("before", "")), form.is_valid()
        found = self.find(asked.question, before=before) if is_valid else NOTHING
        return super().get_context_data(
            form=form,
            events=found.events,
            people=_known_people({event.user for event in found.events}),
            searched_back_to=found.searched_back_to,
            is_filtered=form.has_changed(),
            is_newest=before is None,
            live=before is None and "live" in given,
            fragment=self.fragment_name,
            newest=_address(given),
            following=_address(given, live=1),
            earlier=_address(given, before=found.before) if found.before else None,
            exports=_exports(given) if is_valid else [],
            meant=_meant(given, self.actions()) if is_valid else None,
            count=self.count(asked.question) if is_valid else None,
            counted=MOST,
            verification=read_round(),
            **context,
        )

    def find(self, question: Question, *, before: int | None) -> Findings:
        return find(question, limit=PAGE_SIZE, before=before)

    def count(self, question: Question) -> Count | None:
        return count(question)

    def users(self) -> list[str]:
        return occurring_users()

    def actions(self) -> list[str]:
        return occurring_actions()


def _with_choices(form: forms.Form, *, users: list[str], actions: list[str]) -> forms.Form:
    """Users and actions to choose from: those that occur."""
    occurring = set(actions)
    for name, choices in (
        ("user", [(user, user) for user in users]),
        ("action", [(a.value, gettext(a.label)) for a in AuditAction if a in occurring]),
        ("outcome", [(each.value, gettext(each.label)) for each in Outcome]),
    ):
        form.fields[name].widget = forms.CheckboxSelectMultiple(choices=choices)
    return form


def _known_people(names: set[str]) -> set[str]:
    """Those of the names whose accounts exist now."""
    people = get_user_model()._default_manager.filter(username__in=names)
    return set(people.values_list("username", flat=True))


def _meant(asked: QueryDict, actions: list[str]) -> tuple[list[str], str] | None:
    """What the text only names in the reader's language, and where to find it: the trail's own
    sentences are English.
    """
    text, occurring = asked.get("q", "").casefold(), set(actions)
    told = {
        action.value: gettext(action.label)
        for action in AuditAction
        if action in occurring and text and text not in action.label.casefold()
    }
    meant = [action for action, sentence in told.items() if text in sentence.casefold()]
    if not meant:
        return None
    parameters = asked.copy()
    del parameters["q"]
    parameters.setlist("action", meant)
    return [told[action] for action in meant], _address(parameters)


def _identifier(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _exports(asked: QueryDict) -> list[tuple[str, str]]:
    """Where to fetch what is filtered as a file, and what that file is."""
    place = reverse("api_audit_export")
    return [
        (place + _address(asked, format=form.value), gettext(form.label)) for form in ExportFormat
    ]


def _address(asked: QueryDict, **more: object) -> str:
    """The same filter from another place, or in another form."""
    parameters = asked.copy()
    for name in ELSEWHERE:
        parameters.pop(name, None)
    for name, value in more.items():
        parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
