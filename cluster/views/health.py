"""What the nodes' health comes to, in one sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
        text = "It is not clear who leads. Nothing can be changed until an administrator decides."
        return Sentence("danger", text)
    return fleet_sentence(nodes)


def fleet_sentence(nodes: Sequence[Node]) -> Sentence:
    """What is wrong with the nodes comes first, and what to do about it."""
    silent = _names(nodes, Node.Status.OFFLINE)
    if silent:
        text = f"{join_words(silent)} {_is(silent)} offline. Check power and network."
        return Sentence("danger", text)
    changing = [*_changing(nodes, Node.Status.JOINING), *_changing(nodes, Node.Status.REMOVING)]
    if changing:
        return Sentence("info", f"{' '.join(changing)} The other nodes are online.")
    online = _all_online(nodes)
    lacking = [*_full(nodes), *_outside(nodes)]
    return Sentence("warning" if lacking else "ok", " ".join([online, *lacking]))


def join_words(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _old_news(leader: object) -> Sentence:
    """What a replaced leader can say of nodes that report to another one."""
    text = f"This is what this node knew when it last led. What is true now, node{leader} knows."
    return Sentence("warning", text)


def _all_online(nodes: Sequence[Node]) -> str:
    if len(nodes) == 1:
        return "The leader is online. A cluster of one node is complete."
    return f"All {len(nodes)} nodes are online."


def _changing(nodes: Sequence[Node], status: Node.Status) -> Iterator[str]:
    names = _names(nodes, status)
    if names:
        doing = "joining" if status == Node.Status.JOINING else "being removed"
        yield f"{join_words(names)} {_is(names)} {doing}."


def _full(nodes: Sequence[Node]) -> Iterator[str]:
    names = [f"node{node.pk}" for node in nodes if _is_nearly_full(node)]
    if names:
        has = "has" if len(names) == 1 else "have"
        yield f"{join_words(names)} {has} a disk that is nearly full. Make room there."


def _outside(nodes: Sequence[Node]) -> Iterator[str]:
    names = [f"node{node.pk}" for node in nodes if _is_outside_the_vpn(node)]
    if names:
        yield f"{join_words(names)} {_is(names)} not reached through the VPN; look at its page."


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


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
