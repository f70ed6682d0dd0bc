"""One way to look for operations, for page and API."""

import django_filters
from django.forms import TextInput
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit.filters import MomentFilter
from cluster.models import Operation
from nodes.models import Node

LONGEST_NAME = 150
KINDS, STATES = (
    [(value, capfirst(label)) for value, label in choices]
    for choices in (Operation.Kind.choices, Operation.State.choices)
)


class OperationFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """What was done to which node, by whom, since when, and how it went."""

    kind = django_filters.ChoiceFilter(label=_("Operation"), choices=KINDS, empty_label=_("Any"))
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, empty_label=_("Any"))
    node = django_filters.ModelChoiceFilter(
        label=_("Node"), queryset=Node.objects.all(), empty_label=_("Any")
    )
    actor = django_filters.CharFilter(
        field_name="actor__name",
        label=_("Asked by"),
        max_length=LONGEST_NAME,
        help_text=_("User name of who asked for it."),
    )
    since = MomentFilter(
        field_name="created_at",
        lookup_expr="gte",
        label=_("Since"),
        widget=TextInput(attrs={"placeholder": "2026-11-22"}),
        help_text=_("A day, or a time in UTC."),
    )

    class Meta:
        model = Operation
        fields: tuple[str, ...] = ()
