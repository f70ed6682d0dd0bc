"""What the nodes' health comes to, in one sentence and in a few bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from nodes.models import Node


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and its meaning."""

    meaning: str
    text: str


def old_news(leader: object) -> Sentence:
    """What a replaced leader can say of nodes that report to another one."""
    text = f"This is what this node knew when it last led. What is true now, node{leader} knows."
    return Sentence("warning", text)


def fleet_sentence(nodes: Sequence[Node]) -> Sentence:
    """Is the cluster well? What is wrong comes first."""
    silent = [f"node{node.pk}" for node in nodes if node.status == Node.Status.OFFLINE]
    if silent:
        verb = "is" if len(silent) == 1 else "are"
        return Sentence("danger", f"{join_words(silent)} {verb} offline. Check power and network.")
    arriving = [f"node{node.pk}" for node in nodes if node.status == Node.Status.JOINING]
    if arriving:
        return Sentence("info", f"{join_words(arriving)} is joining. The other nodes are online.")
    if len(nodes) == 1:
        return Sentence("ok", "The leader is online. A cluster of one node is complete.")
    return Sentence("ok", f"All {len(nodes)} nodes are online.")


def join_words(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
