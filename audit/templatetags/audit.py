"""How the trail's page writes targets and details."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from audit.actor import ActorKind
from audit.details import DETAILS
from audit.models import AuditEvent

register = template.Library()

PAGES = {
    "node": "node",
    "operation": "operation",
    "administrator": "administrator",
    "cluster": "cluster_settings",
}
"""Page of each kind of target; the id is its argument."""
NOTHING: tuple[object, ...] = (None, "", [], {})
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
    if event.target_kind != "node":
        return event.target_label
    number = f"node{event.target_id}"
    name = event.target_label.removeprefix(f"{number} (").removesuffix(")")
    return f"{number} ({name})"


@register.filter
def operation_url(event: AuditEvent) -> str:
    """Where to look at the operation that the event belongs to, or nothing."""
    return _reverse("operation" if event.operation else None, (event.operation,))


@register.filter
def changes(event: AuditEvent) -> list[Change]:
    """What changed, from what to what."""
    before, after = event.details.get("before"), event.details.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        return [Change(_words(n), _text(before.get(n)), _text(after.get(n))) for n in names]
    moved = ((n, value) for n, value in event.details.items() if _is_move(value))
    return [Change(_words(n), _text(value["from"]), _text(value["to"])) for n, value in moved]


@register.filter
def facts(event: AuditEvent) -> list[tuple[str, str]]:
    """The other details, by name."""
    details = event.details
    if changes(event):
        details = {n: v for n, v in details.items() if not _is_move(v)}
        details = {n: v for n, v in details.items() if n not in ("before", "after")}
    return [(_words(name), _text(value)) for name, value in details.items()]


@register.filter
def user_url(event: AuditEvent, known: Collection[str]) -> str:
    """Where to look at whoever did it, if that is one of the ``known`` administrators."""
    is_known = event.user_kind == ActorKind.ADMINISTRATOR and event.user in known
    return _reverse("administrator" if is_known else None, (event.user,))


def _is_move(value: Any) -> bool:
    """Whether it says by itself what it was, and what it is."""
    return isinstance(value, dict) and value.keys() == {"from", "to"}


def _words(name: str) -> str:
    """What a newer version recorded is called by its name."""
    return str(DETAILS.get(name) or name.replace("_", " ").capitalize())


def _text(value: Any) -> str:
    match value:
        case _ if value in NOTHING:
            return gettext("none")
        case bool():
            return gettext("yes") if value else gettext("no")
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
