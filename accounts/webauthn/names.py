"""By which names consoles are opened: the apps above know the cluster, and say by ``on_ask``."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Names:
    """This node's name, and those of all nodes."""

    own: str
    every: frozenset[str]


_sources: list[Callable[[], Names]] = []


def on_ask(source: Callable[[], Names]) -> None:
    """Ask ``source``, and no other, for the names."""
    _sources[:] = [source]


def names() -> Names:
    """As the cluster knows them; of a machine without one, its own."""
    for source in _sources:
        return source()
    own = settings.FLOTILLA.FQDN
    return Names(own=own, every=frozenset({own}))
