"""English sentences that are stored, or that other machines say, in the page's language."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter

from django.utils.translation import get_language, gettext, override

WITHIN = r"(?:(?!(?<=[.?!]) [A-Z]).)*"
"""A value in the middle of a sentence, which has no second sentence in it."""
LONGEST = 500
"""Characters: a machine may say more to keep the leader searching; that stays English."""
_known: list[str] = []


def remember(sentences: Iterable[str]) -> None:
    """Format strings, marked for translation, that ``say`` shall recognise."""
    fresh = set(sentences).difference(_known)
    _known.extend(fresh)
    _known.sort(key=_weight, reverse=True)


def say(detail: str, *, first: Iterable[str] = ()) -> str:
    """``detail`` in the page's language; ``first`` are the sentences that it most likely is.

    Values are read out of the English text, and said likewise; what is not recognised stays.
    """
    is_english = (get_language() or "en").startswith("en")
    if is_english or not detail or len(detail) > LONGEST:
        return detail
    return _whole(detail, (*first, *_known)) or _parts(detail) or detail


def say_values(values: Mapping[str, object]) -> dict[str, object]:
    """What stands in a sentence may be one itself: advice, a reason."""
    return {name: say(value) if isinstance(value, str) else value for name, value in values.items()}


def _whole(detail: str, sentences: Iterable[str]) -> str:
    for sentence in sentences:
        found = _pattern(sentence).fullmatch(detail)
        if found:
            return gettext(sentence).format(**say_values(found.groupdict()))
    return ""


def _parts(detail: str) -> str:
    """Several sentences, one after the other, the first of which is known."""
    for end in re.finditer(r"[.?!]( )", detail):
        said = _whole(detail[: end.start(1)], _known)
        if said:
            return f"{said} {say(detail[end.end(1) :])}"
    return ""


def _weight(sentence: str) -> int:
    """How much of it is not a value: what says most is looked for first."""
    return sum(len(text) for text, *_ in Formatter().parse(sentence))


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """``sentence`` with a group in the place of each value; a value named twice is the same."""
    parts, seen = [], set[str]()
    for text, name, _, _ in Formatter().parse(sentence):
        parts.append(re.escape(text))
        if name is not None:
            value = ".*" if sentence.endswith(f"{{{name}}}") else WITHIN
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{value}?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)


def in_english(text: object) -> str:
    """A label as the trail, the log and programs get it, in whatever language it was asked for."""
    with override("en"):
        return str(text)
