"""Words that whoever guesses tries first: of this product, this cluster, its hosts and the person.

The apps above know the cluster and its hosts; they say so by ``on_ask``.
"""

from collections.abc import Callable, Iterable, Iterator

from accounts.models import Administrator

PRODUCT = "flotilla"
SHORTEST = 4
"""Shorter words are part of too many others."""

_sources: list[Callable[[], Iterable[str]]] = []


def on_ask(source: Callable[[], Iterable[str]]) -> None:
    """Ask ``source`` for words, whenever somebody chooses a password."""
    if source not in _sources:
        _sources.append(source)


def find(password: str, administrator: Administrator) -> list[str]:
    """The words that ``password`` contains; case, blanks and punctuation make no difference."""
    plain = _plain(password)
    words = {word for word in _words(administrator) if len(_plain(word)) >= SHORTEST}
    return sorted(word for word in words if _plain(word) in plain)


def _words(administrator: Administrator) -> Iterator[str]:
    yield PRODUCT
    yield administrator.username
    yield administrator.email.partition("@")[0]
    yield from administrator.full_name.split()
    for source in _sources:
        yield from source()


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
