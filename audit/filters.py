"""One way to ask the trail, for page and API (S57)."""

from collections.abc import Iterable

import django_filters
from django.utils.translation import gettext_lazy as _

from audit.actions import AuditAction
from audit.canonical import fold
from audit.form_fields import AddressField, MomentField, NamesField, SomeField
from audit.models import AuditEvent, Outcome
from audit.search.question import Question

LONGEST_TEXT = 256


class NamesFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]  # untyped base
    field_class = NamesField


class SomeFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]  # untyped base
    field_class = SomeField


class MomentFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    field_class = MomentField


class AddressFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    field_class = AddressField


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """Who did what to which target, from where, when, and with what result."""

    user = NamesFilter(label=_("User"), help_text=_("User name; may be given several times."))
    action = SomeFilter(
        label=_("Action"),
        choices=AuditAction.choices,
        help_text=_("Name of the action; may be given several times."),
    )
    outcome = SomeFilter(label=_("Outcome"), choices=Outcome.choices)
    target = django_filters.CharFilter(
        label=_("Target"),
        max_length=255,
        help_text=_("Id or label of what was acted on, or kind:id, such as node:3."),
    )
    source = AddressFilter(label=_("Source"), help_text=_("IP address that the request came from."))
    since = MomentFilter(field_name="time", lookup_expr="gte", label=_("Since"))
    until = MomentFilter(field_name="time", lookup_expr="lte", label=_("Until"), ends_day=True)
    operation = django_filters.UUIDFilter(label=_("Operation"))
    q = django_filters.CharFilter(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        strip=False,
        help_text=_("Text in action, user, target, source or details, in upper or lower case."),
    )

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()

    @property
    def question(self) -> Question:
        """What was asked; the form must be valid."""
        given = self.form.cleaned_data
        return Question(
            users=_once(given["user"]),
            actions=_once(given["action"]),
            outcomes=_once(given["outcome"]),
            target=given["target"],
            source=given["source"] or "",
            operation=given["operation"],
            since=given["since"],
            until=given["until"],
            text=fold(given["q"]),
        )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
