"""A small map of the VPN: the leader in the middle, the others around it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from cluster.views.peers import peers
from nodes.models import Contact, Node

WIDTH, HEIGHT, LOW = 360, 270, 110
"""A pair of workers lies on one line with the leader, and needs little height."""
RADII = (142.0, 98.0)
MOST_NAMED = 14
"""Around the leader; more of them are written as numbers."""
MOST = 40
WORDS = {
    "ok": gettext_noop("connected"),
    "warning": gettext_noop("online, but outside the VPN"),
    "offline": gettext_noop("offline"),
    "busy": gettext_noop("on its way"),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A node on the map, and how its link to the leader does."""

    node: Node
    x: float
    y: float
    label: str
    meaning: str
    is_below: bool = True
    """Whether its label is best written below it."""

    @property
    def words(self) -> str:
        return gettext(WORDS[self.meaning])


@dataclass(frozen=True, slots=True)
class FleetMap:
    """What the template draws."""

    leader: Spot
    spots: Sequence[Spot]
    height: int
    width: int = WIDTH

    @property
    def description(self) -> str:
        """The same in words."""
        is_so, leads = gettext("node{node} is {state}."), gettext("node{node} leads.")
        links = (is_so.format(node=spot.node.pk, state=spot.words) for spot in self.spots)
        return " ".join([leads.format(node=self.leader.node.pk), *links])

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The meanings that occur, in words."""
        found = {spot.meaning for spot in self.spots}
        return [(meaning, gettext(words)) for meaning, words in WORDS.items() if meaning in found]


def draw(nodes: Sequence[Node]) -> FleetMap | None:
    """Nothing for a single node, for a cluster without a leader, and for more than fit."""
    leader = next((node for node in nodes if node.role == Node.Role.LEADER), None)
    others = [node for node in nodes if node.role != Node.Role.LEADER]
    if leader is None or not 1 <= len(others) <= MOST:
        return None
    links = {peer.node_id: peer.meaning for peer in peers(leader)}
    height = LOW if len(others) <= 2 else HEIGHT
    x = (WIDTH + RADII[0]) / 2 if len(others) == 1 else WIDTH / 2
    middle = Spot(leader, x, height / 2 - 8, f"node{leader.pk}", "ok")
    spots = [
        _spot(node, _angle(place, of=len(others)), around=middle, links=links, of=len(others))
        for place, node in enumerate(others)
    ]
    return FleetMap(middle, spots, height)


def _angle(place: int, *, of: int) -> float:
    """Clockwise, from the left of a pair and from the top of more."""
    begin = math.pi if of <= 2 else -math.pi / 2
    return begin + 2 * math.pi * place / of


def _spot(node: Node, angle: float, *, around: Spot, links: Mapping[int, str], of: int) -> Spot:
    return Spot(
        node,
        round(around.x + RADII[0] * math.cos(angle), 1),
        round(around.y + RADII[1] * math.sin(angle), 1),
        f"node{node.pk}" if of <= MOST_NAMED else str(node.pk),
        _meaning(node, links),
        is_below=math.sin(angle) > -0.01,
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
