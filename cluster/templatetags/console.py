"""How templates write times, durations and meanings."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from audit.actions import AuditAction
from cluster.models import Operation, OperationStep
from cluster.views import words
from cluster.views.menu import Entry, menu
from cluster.views.node_cells import NodeCells
from config import wording
from config.help.links import explanation_of
from nodes.models import Node

register = template.Library()


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """How long ago, kept up to date by the browser; the exact time without JavaScript."""
    return _time(value, "data-relative")


@register.simple_tag
def exact(value: datetime | None) -> SafeString | str:
    """The exact time, in the browser's zone; in UTC without JavaScript."""
    return _time(value, "")


@register.simple_tag
def countdown(value: datetime | None) -> SafeString | str:
    """How long is left, second by second; the exact time without JavaScript."""
    return _time(value, "data-countdown")


def _time(value: datetime | None, attribute: str) -> SafeString | str:
    if not value:  # None, or what a template says for a contact that there never was
        return gettext("never")
    moment_utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" {}>{}</time>',
        moment_utc.isoformat(timespec="seconds"),
        attribute,
        f"{moment_utc:%Y-%m-%d %H:%M:%S} UTC",
    )


@register.simple_tag(takes_context=True)
def node_menu(context: dict[str, Any], node: Node) -> SafeString:
    """The three dots behind a node, and what they offer."""
    console = context["console"]
    is_busy = console.is_membership_changing
    entries = tuple(menu(node, may_change=console.may_change, is_busy=is_busy))
    return _menu(node.pk, entries, get_language())


@lru_cache(maxsize=1024)
def _menu(node_id: int, entries: tuple[Entry, ...], language: str | None) -> SafeString:
    """Most of what the list of a large cluster costs, and the same at each poll."""
    return render_to_string("cluster/node_menu.html", {"node_id": node_id, "entries": entries})


@register.simple_tag
def node_cells(node: Node) -> SafeString:
    """A node's cells in the list of nodes, but for the time of its last contact."""
    return _cells(NodeCells.of(node), get_language())


@lru_cache(maxsize=1024)
def _cells(node: NodeCells, language: str | None) -> SafeString:
    """As with the menu: a large cluster's list is the same at nearly every poll."""
    return render_to_string("cluster/node_cells.html", {"node": node})


@register.filter
def in_words(detail: object, code: str = "") -> object:
    """What an error of ``code`` or a node said once, in the page's language.

    What a node says may be anything.
    """
    return wording.in_words(detail, code) if isinstance(detail, str) else detail


@register.simple_tag
def explanation(code: str) -> str:
    """Where the manual says what an error means; nothing where it has no entry."""
    return explanation_of(code)


@register.filter
def so_far(value: datetime | None) -> datetime | None:
    """What happened is not to come: of a clock that was set back since, this moment."""
    return min(value, timezone.now()) if value else value


@register.filter
def parse_time(text: str) -> datetime:
    """A time that arrived as ISO 8601."""
    return datetime.fromisoformat(text)


@register.filter
def took(value: Operation | OperationStep) -> str:
    """How long it has taken so far, or took: ``3.2 s``, ``1 min 5 s``."""
    started = value.created_at if isinstance(value, Operation) else value.started_at
    if started is None:
        return ""
    return span((value.ended_at or timezone.now()) - started)


@register.filter
def span(value: timedelta | float) -> str:
    """A duration in the two largest units that it has."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 0.1:
        return gettext("under 0.1 s")
    if seconds < 10:
        return f"{number_format(seconds, 1)} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, gettext("d")), (hours, "h"), (minutes, "min"), (seconds, "s"))
    written = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(written[:2])


@register.filter
def meaning(state: str) -> str:
    """The class of a badge for a node's status, an operation's state or an event's outcome."""
    return words.MEANINGS.get(str(state), "plain")


@register.filter
def application_meaning(state: str) -> str:
    """The class of a badge for an application's state, which is its engine's own word."""
    return words.APPLICATION_MEANINGS.get(state.lower(), "plain")


@register.filter
def action_label(action: str) -> str:
    """The sentence of an audit action; its name where a newer version has recorded it."""
    return gettext(AuditAction(action).label) if action in AuditAction.values else action


@register.filter
def step_title(step: OperationStep) -> str:
    """What the step does, in words."""
    return words.step_title(step.operation.kind, step.name)


@register.filter
def operation_title(operation: Operation) -> str:
    """What the operation does, as a sentence begins."""
    return words.operation_title(operation)
