"""What is stored in English, in the language of the page that shows it."""

from functools import cache

from config.errors import DomainError
from config.sentences import say


def in_words(detail: str, code: str = "") -> str:
    """``detail``, which the error of ``code`` said once, in the page's language.

    The values are read out of the English sentence; one that does not fit stays as it is.
    """
    return say(detail, first=_sentences(code))


@cache
def _sentences(code: str) -> tuple[str, ...]:
    """Of all errors with ``code``; one that is nothing but a value says nothing itself."""
    said = {error.message for error in _below(DomainError) if error.code == code}
    return tuple(sorted(sentence for sentence in said if " " in sentence))


def _below(error: type[DomainError]) -> set[type[DomainError]]:
    below = set(error.__subclasses__())
    return below.union(*map(_below, below))
