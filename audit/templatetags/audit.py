"""How the trail's page writes targets and details."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from audit.models import AuditEvent

register = template.Library()

PAGES = {
    "node": "node",
    "operation": "operation",
    "administrator": "administrator",
    "cluster": "cluster_settings",
}
"""Page of each kind of target; the id is its argument."""
WITHOUT_ARGUMENT = frozenset({"cluster"})


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after."""

    name: str
    before: str
    after: str


@register.filter
def target_url(event: AuditEvent) -> str:
    """Where to look at the target, or nothing."""
    if event.action.endswith(".deleted"):
        return ""
    page = PAGES.get(event.target_kind)
    return _reverse(page, () if event.target_kind in WITHOUT_ARGUMENT else (event.target_id,))


@register.filter
def target_name(event: AuditEvent) -> str:
    """As people speak of it: a node by its number too, because its name may change."""
    if event.target_kind == "node":
        return f"node {event.target_id} ({event.target_label})"
    return event.target_label


@register.filter
def operation_url(event: AuditEvent) -> str:
    """Where to look at the operation that the event belongs to, or nothing."""
    return _reverse("operation" if event.operation else None, (event.operation,))


@register.filter
def changes(event: AuditEvent) -> list[Change]:
    """What changed, from what to what."""
    before, after = event.details.get("before"), event.details.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    names = sorted({*before, *after})
    return [Change(_words(n), _text(before.get(n)), _text(after.get(n))) for n in names]


@register.filter
def facts(event: AuditEvent) -> list[tuple[str, str]]:
    """The other details, by name."""
    shown = {"before", "after"} if changes(event) else set()
    rest = ((name, value) for name, value in event.details.items() if name not in shown)
    return [(_words(name), _text(value)) for name, value in rest]


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    match value:
        case None | "" | [] | {}:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_text(each) for each in value)
        case dict():
            return "; ".join(f"{_words(name)}: {_text(each)}" for name, each in value.items())
        case _:
            return str(value)


def _reverse(page: str | None, arguments: tuple[object, ...]) -> str:
    if page is None:
        return ""
    try:
        return reverse(page, args=arguments)
    except NoReverseMatch:
        return ""
