"""A small map of the VPN: the leader in the middle, the others around it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cluster.views.peers import peers
from nodes.models import Contact, Node

WIDTH, HEIGHT = 360, 270
MIDDLE = (WIDTH / 2, HEIGHT / 2 - 8)
RADII = (142.0, 98.0)
MOST_NAMED = 14
"""Around the leader; more of them are written as numbers."""
MOST = 40
WORDS = {
    "ok": "connected",
    "warning": "online, but outside the VPN",
    "offline": "offline",
    "busy": "on its way",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A node on the map, and how its link to the leader does."""

    node: Node
    x: float
    y: float
    label: str
    meaning: str

    @property
    def words(self) -> str:
        return WORDS[self.meaning]

    @property
    def is_below(self) -> bool:
        """Whether its label is best written below it."""
        return self.y >= MIDDLE[1]


@dataclass(frozen=True, slots=True)
class FleetMap:
    """What the template draws."""

    leader: Spot
    spots: Sequence[Spot]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def description(self) -> str:
        """The same in words."""
        links = (f"node{spot.node.pk} is {spot.words}." for spot in self.spots)
        return " ".join([f"node{self.leader.node.pk} leads.", *links])

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The meanings that occur, in words."""
        found = {spot.meaning for spot in self.spots}
        return [(meaning, words) for meaning, words in WORDS.items() if meaning in found]


def draw(nodes: Sequence[Node]) -> FleetMap | None:
    """Nothing for a single node, for a cluster without a leader, and for more than fit."""
    leader = next((node for node in nodes if node.role == Node.Role.LEADER), None)
    others = [node for node in nodes if node.role != Node.Role.LEADER]
    if leader is None or not 1 <= len(others) <= MOST:
        return None
    links = {peer.node_id: peer.meaning for peer in peers(leader)}
    spots = [_spot(node, place, of=len(others), links=links) for place, node in enumerate(others)]
    x, y = MIDDLE
    return FleetMap(Spot(leader, x, y, f"node{leader.pk}", "ok"), spots)


def _spot(node: Node, place: int, *, of: int, links: Mapping[int, str]) -> Spot:
    """Clockwise, from the right of a pair and from the top of more."""
    begin = math.pi if of <= 2 else -math.pi / 2
    angle = begin + 2 * math.pi * place / of
    label = f"node{node.pk}" if of <= MOST_NAMED else str(node.pk)
    return Spot(
        node,
        round(MIDDLE[0] + RADII[0] * math.cos(angle), 1),
        round(MIDDLE[1] + RADII[1] * math.sin(angle), 1),
        label,
        _meaning(node, links),
    )


def _meaning(node: Node, links: Mapping[int, str]) -> str:
    match node.status:
        case Node.Status.OFFLINE:
            return "offline"
        case Node.Status.ONLINE:
            contact: Contact | None = getattr(node, "contact", None)
            is_inside = contact is not None and contact.path == Contact.Path.VPN
            return "ok" if is_inside and links.get(node.pk, "ok") == "ok" else "warning"
        case _:
            return "busy"
