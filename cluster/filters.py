"""One way to look for operations, for page and API."""

import django_filters
from django.forms import TextInput
from django.utils.text import capfirst

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

    kind = django_filters.ChoiceFilter(label="Operation", choices=KINDS, empty_label="Any")
    state = django_filters.ChoiceFilter(label="State", choices=STATES, empty_label="Any")
    node = django_filters.ModelChoiceFilter(
        label="Node", queryset=Node.objects.all(), empty_label="Any"
    )
    actor = django_filters.CharFilter(
        field_name="actor__name",
        label="Asked by",
        max_length=LONGEST_NAME,
        help_text="User name of who asked for it.",
    )
    since = MomentFilter(
        field_name="created_at",
        lookup_expr="gte",
        label="Since",
        widget=TextInput(attrs={"placeholder": "2026-11-22"}),
        help_text="A day, or a time in UTC.",
    )

    class Meta:
        model = Operation
        fields: tuple[str, ...] = ()
