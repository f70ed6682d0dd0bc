"""One way to ask the trail, for page and API (S57)."""

import django_filters
from django.db.models import Q, QuerySet

from audit.actions import AuditAction
from audit.canonical import fold
from audit.form_fields import AddressField, MomentField, NamesField
from audit.models import AuditEvent, Outcome

LONGEST_TEXT = 256
Events = QuerySet[AuditEvent]


class NamesFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]  # untyped base
    field_class = NamesField


class MomentFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    field_class = MomentField


class AddressFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    field_class = AddressField


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """Who did what to which target, from where, when, and with what result."""

    user = NamesFilter(label="User", help_text="User name; may be given several times.")
    action = django_filters.MultipleChoiceFilter(
        label="Action",
        choices=AuditAction.choices,
        help_text="Name of the action; may be given several times.",
    )
    outcome = django_filters.MultipleChoiceFilter(label="Outcome", choices=Outcome.choices)
    target = django_filters.CharFilter(
        label="Target",
        method="filter_target",
        max_length=255,
        help_text="Id or label of what was acted on, or kind:id, such as node:3.",
    )
    source = AddressFilter(label="Source", help_text="IP address that the request came from.")
    since = MomentFilter(field_name="time", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="time", lookup_expr="lte", label="Until", ends_day=True)
    operation = django_filters.UUIDFilter(label="Operation")
    q = django_filters.CharFilter(
        label="Text",
        method="filter_text",
        max_length=LONGEST_TEXT,
        strip=False,
        help_text="Text in action, user, target, source or details, in upper or lower case.",
    )

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()

    def filter_target(self, events: Events, name: str, value: str) -> Events:
        """By id, by label, or by kind and id."""
        kind, _, identifier = value.partition(":")
        exact = Q(target_kind=kind, target_id=identifier) if identifier else Q()
        return events.filter(exact | Q(target_id=value) | Q(target_label=value))

    def filter_text(self, events: Events, name: str, value: str) -> Events:
        """Exact substring of the folded text: every character means itself."""
        return events.filter(search_text__contains=fold(value))
