"""What is stored in English, in the language of the page that shows it."""

import re
from functools import cache
from string import Formatter

from django.utils.translation import gettext

from config.errors import DomainError


def in_words(detail: str, code: str) -> str:
    """``detail``, which the error of ``code`` said once, in the page's language.

    The values are read out of the English sentence; one that does not fit stays as it is.
    """
    for sentence in _sentences(code):
        found = _pattern(sentence).fullmatch(detail)
        if found:
            return gettext(sentence).format(**found.groupdict())
    return detail


@cache
def _sentences(code: str) -> tuple[str, ...]:
    """Of all errors with ``code``; one that is nothing but a value says nothing itself."""
    said = {error.message for error in _below(DomainError) if error.code == code}
    return tuple(sorted(sentence for sentence in said if " " in sentence))


def _below(error: type[DomainError]) -> set[type[DomainError]]:
    below = set(error.__subclasses__())
    return below.union(*map(_below, below))


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """``sentence`` with a group in the place of each value; a value named twice is the same."""
    parts, seen = [], set[str]()
    for text, name, _, _ in Formatter().parse(sentence):
        parts.append(re.escape(text))
        if name is not None:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
