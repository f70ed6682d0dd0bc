"""Text as trigrams: what the index holds of an event, and what is asked of it."""

from collections.abc import Iterable
from hashlib import sha256

TRIGRAM = 3
FIRST_PRIVATE, PRIVATE = 0xE000, 0x1900 - 2
"""Code points that no folded text has: the tags are made of them."""
END = "\uf8fe\uf8ff"
"""Behind the text, so that its last two characters begin a trigram too."""
WILDCARDS = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def like_pattern(text: str) -> str:
    """For LIKE, with the backslash as the escape: every character means itself."""
    return f"%{text.translate(WILDCARDS)}%"


def tag(kind: str, name: str) -> str:
    """Three private characters that stand for a name."""
    number = int.from_bytes(sha256(f"{kind}:{name}".encode()).digest()[:8], "big")
    characters = []
    for _ in range(TRIGRAM):
        number, place = divmod(number, PRIVATE)
        characters.append(chr(FIRST_PRIVATE + place))
    return "".join(characters)


def indexed_text(*, user: str, action: str, text: str) -> str:
    """Who and what in front, so that they and the text are one look-up."""
    return f"{tag('u', user)}{tag('a', action)}{text}{END}"


def match_expression(text: str, *, users: Iterable[str] = (), actions: Iterable[str] = ()) -> str:
    """For FTS5 without positions: every third trigram of ``text``, which has three at least."""
    last = len(text) - TRIGRAM
    starts = dict.fromkeys((*range(0, last + 1, TRIGRAM), last))
    wanted = [_quoted(text[start : start + TRIGRAM]) for start in starts]
    return " AND ".join([*_tags(users=users, actions=actions), *dict.fromkeys(wanted)])


def match_any(trigrams: Iterable[str], *, users: Iterable[str], actions: Iterable[str]) -> str:
    """One of ``trigrams``, for text that is shorter than one."""
    some = f"({' OR '.join(_quoted(trigram) for trigram in trigrams)})"
    return " AND ".join([*_tags(users=users, actions=actions), some])


def _tags(*, users: Iterable[str], actions: Iterable[str]) -> list[str]:
    sets = ([tag("u", each) for each in users], [tag("a", each) for each in actions])
    return [f"({' OR '.join(map(_quoted, each))})" for each in sets if each]


def _quoted(token: str) -> str:
    doubled = token.replace('"', '""')
    return f'"{doubled}"'
