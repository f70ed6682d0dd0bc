"""A node's menu: what can be done, and why some of it cannot be done now."""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils.translation import gettext

from nodes.models import Node


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; with a reason it cannot be chosen."""

    label: str
    name: str
    url: str
    reason: str = ""
    begins_group: bool = False
    is_dangerous: bool = False


def menu(node: Node, *, may_change: bool, is_busy: bool) -> list[Entry]:
    """The leader has neither promotion nor removal (S15, S30); those who only read, see."""
    details = Entry(gettext("See details"), "details", _address("node", node.pk))
    if not may_change:
        return [details]
    changes = [
        _entry(node, gettext("Edit label"), "node_label"),
        _entry(node, gettext("Set FQDN"), "node_fqdn"),
        _entry(node, gettext("Settings"), "node_settings"),
    ]
    return [
        details,
        *changes,
        *([] if node.role == Node.Role.LEADER else _moves(node, is_busy=is_busy)),
    ]


def why_not_promote(node: Node) -> str:
    """Why a worker cannot become leader now; nothing where it can (S23)."""
    if node.state != Node.State.ACTIVE:
        return _state_in_words(node)
    if not node.eligible:
        return gettext("It may not become leader; see its settings.")
    if node.status == Node.Status.OFFLINE:
        return gettext("It is offline.")
    return ""


def why_not_remove(node: Node) -> str:
    """Why a worker cannot be removed now; an unreachable one can, by force (S17)."""
    return gettext("It is joining. Cancel that first.") if node.state == Node.State.JOINING else ""


def _moves(node: Node, *, is_busy: bool) -> list[Entry]:
    busy = gettext("Another operation is running.") if is_busy else ""
    return [
        Entry(
            gettext("Promote to leader"),
            "promote",
            _address("node_promote", node.pk),
            reason=why_not_promote(node) or busy,
            begins_group=True,
        ),
        Entry(
            gettext("Remove from cluster"),
            "remove",
            _address("node_remove", node.pk),
            reason=why_not_remove(node) or busy,
            is_dangerous=True,
        ),
    ]


def _entry(node: Node, label: str, page: str) -> Entry:
    return Entry(label, page, _address(page, node.pk))


def _state_in_words(node: Node) -> str:
    is_joining = node.state == Node.State.JOINING
    return gettext("It is joining.") if is_joining else gettext("It is being removed.")


@lru_cache(maxsize=2048)
def _address(page: str, node_id: int) -> str:
    """Kept: the list of a large cluster asks for more than a thousand of them at each poll."""
    return reverse(page, args=[node_id])
