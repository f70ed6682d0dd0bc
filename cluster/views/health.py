"""What the nodes' health comes to, in one sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from nodes.models import Contact, Node
from nodes.readings import read
from nodes.role import NodeIdentity, Role

NEARLY_FULL = 92
"""Percent of a disk; where its bar becomes red."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and its meaning."""

    meaning: str
    text: str


def cluster_sentence(present: NodeIdentity, nodes: Sequence[Node]) -> Sentence:
    """Is the cluster well? Who leads it comes first."""
    if present.role == Role.DEPOSED:
        return _old_news((present.successor or {}).get("id"))
    if present.is_contested:
        text = gettext(
            "It is not clear who leads. Nothing can be changed until an administrator decides."
        )
        return Sentence("danger", text)
    return fleet_sentence(nodes)


def fleet_sentence(nodes: Sequence[Node]) -> Sentence:
    """What is wrong with the nodes comes first, and what to do about it."""
    silent = _names(nodes, Node.Status.OFFLINE)
    if silent:
        text = ngettext(
            "{nodes} is offline. Check power and network.",
            "{nodes} are offline. Check power and network.",
            len(silent),
        )
        return Sentence("danger", text.format(nodes=join_words(silent)))
    changing = [*_changing(nodes, Node.Status.JOINING), *_changing(nodes, Node.Status.REMOVING)]
    if changing:
        return Sentence("info", " ".join([*changing, gettext("The other nodes are online.")]))
    online = _all_online(nodes)
    lacking = [*_full(nodes), *_outside(nodes)]
    return Sentence("warning" if lacking else "ok", " ".join([online, *lacking]))


def join_words(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    if not first:
        return last
    return gettext("{first} and {last}").format(first=", ".join(first), last=last)


def _old_news(leader: object) -> Sentence:
    """What a replaced leader can say of nodes that report to another one."""
    text = gettext(
        "This is what this node knew when it last led. What is true now, node{leader} knows."
    )
    return Sentence("warning", text.format(leader=leader))


def _all_online(nodes: Sequence[Node]) -> str:
    if len(nodes) == 1:
        return gettext("The leader is online. A cluster of one node is complete.")
    return gettext("All {count} nodes are online.").format(count=len(nodes))


def _changing(nodes: Sequence[Node], status: Node.Status) -> Iterator[str]:
    names = _names(nodes, status)
    if not names:
        return
    if status == Node.Status.JOINING:
        text = ngettext("{nodes} is joining.", "{nodes} are joining.", len(names))
    else:
        text = ngettext("{nodes} is being removed.", "{nodes} are being removed.", len(names))
    yield text.format(nodes=join_words(names))


def _full(nodes: Sequence[Node]) -> Iterator[str]:
    names = [f"node{node.pk}" for node in nodes if _is_nearly_full(node)]
    if names:
        text = ngettext(
            "{nodes} has a disk that is nearly full. Make room there.",
            "{nodes} have a disk that is nearly full. Make room there.",
            len(names),
        )
        yield text.format(nodes=join_words(names))


def _outside(nodes: Sequence[Node]) -> Iterator[str]:
    names = [f"node{node.pk}" for node in nodes if _is_outside_the_vpn(node)]
    if names:
        text = ngettext(
            "{nodes} is not reached through the VPN; look at its page.",
            "{nodes} are not reached through the VPN; look at its page.",
            len(names),
        )
        yield text.format(nodes=join_words(names))


def _is_nearly_full(node: Node) -> bool:
    contact: Contact | None = getattr(node, "contact", None)
    disks = read(contact.facts).disks if contact else ()
    return any(disk.percent >= NEARLY_FULL for disk in disks)


def _is_outside_the_vpn(node: Node) -> bool:
    contact: Contact | None = getattr(node, "contact", None)
    path = contact.path if contact else ""
    return node.role != Node.Role.LEADER and path == Contact.Path.PUBLIC


def _names(nodes: Sequence[Node], status: Node.Status) -> list[str]:
    return [f"node{node.pk}" for node in nodes if node.status == status]
