"""Which places a few typed letters mean."""

from collections.abc import Iterable
from heapq import nsmallest
from itertools import islice

from config.jump.places import Place

MOST = 20
LONGEST = 100


def find(text: str, among: Iterable[Place]) -> list[Place]:
    """At most ``MOST`` places that have every word of ``text``, the likeliest first."""
    wanted = text[:LONGEST].casefold().split()
    if not wanted:
        return list(islice((place for place in among if place.kind == "Page"), MOST))
    having = [place for place in among if _has(place, wanted)]
    return nsmallest(MOST, having, key=lambda place: _distance(place, wanted))


def _has(place: Place, wanted: list[str]) -> bool:
    text = f"{place.label} {place.words}".casefold()
    return all(word in text for word in wanted)


def _distance(place: Place, wanted: list[str]) -> tuple[bool, bool, bool]:
    """The manual comes last; then what begins with the first word; then what has it in its name."""
    label = place.label.casefold()
    return (
        place.kind == "Manual",
        not label.startswith(wanted[0]),
        not all(word in label for word in wanted),
    )
