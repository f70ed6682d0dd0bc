"""Marks: numbers that stand for what lines say, by which an index knows them.

A text that occurs in a message has only marks that the message has: both are folded in one way,
and cut at white space before they are cut into pieces.
"""

from collections.abc import Iterable, Iterator
from zlib import crc32

from cluster.logs.record import SEVERITIES, Record

PIECE = 4
"""Three digits, or three of an id, occur everywhere."""
LETTERS = 3
"""Of letters, three tell much: they let short words be found."""
NAMED = ("unit", "application", "program")
TAGS = 3
"""Marks for one name: a name has no other pieces that must be there, too."""


def marks_of(records: Iterable[Record]) -> set[int]:
    """Of all of them together."""
    words, tags, level = set[str](), set[str](), len(SEVERITIES)
    for record in records:
        words.update(record.message.casefold().split())
        tags.update(f"{name}={getattr(record, name)}" for name in NAMED)
        level = min(level, SEVERITIES.index(record.severity))
    tags.update(severity_tag(each) for each in range(level, len(SEVERITIES)))
    return text_marks(words) | tag_marks(tags)


def text_marks(words: Iterable[str]) -> set[int]:
    """Of folded words; none of what is too short."""
    return {crc32(piece.encode(errors="surrogatepass")) for piece in _pieces(words)}


def tag_marks(tags: Iterable[str]) -> set[int]:
    return {
        crc32(f"{number}{tag}".encode(errors="surrogatepass"))
        for tag in tags
        for number in range(TAGS)
    }


def severity_tag(level: int) -> str:
    """Of what is as severe as this, or more."""
    return f"severity={level}"


def _pieces(words: Iterable[str]) -> set[str]:
    pieces = {word[at : at + PIECE] for word in words for at in range(len(word) - PIECE + 1)}
    return pieces.union(_letters(words))


def _letters(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        for at in range(len(word) - LETTERS + 1):
            piece = word[at : at + LETTERS]
            if piece.isalpha():
                yield piece
