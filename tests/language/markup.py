"""The words that people see, or hear, in a page or a template."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

SPOKEN = ("title", "placeholder", "aria-label", "alt", "label", "data-label", "data-said")
UNSEEN = ("script", "style", "svg", "template")
VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr")
DATA = ["wrap"]
"""Of what is shown as it was recorded."""
WORD = re.compile(r"[^\W\d_]{2,}")


class Words(HTMLParser):
    """Collects texts with words in them; what is inside ``class="mono"``, ``code`` or
    ``DATA`` is data.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        spoken = [given.get(name) or "" for name in SPOKEN]
        if tag == "input" and given.get("type") == "submit":
            spoken.append(given.get("value") or "")
        self._keep(*spoken)
        if tag not in VOID:
            classes = (given.get("class") or "").split()
            is_data = tag in (*UNSEEN, "code", "pre", "kbd") or "mono" in classes or classes == DATA
            self._open.append((tag, is_data))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(is_data for _, is_data in self._open):
            self._keep(data)

    def _keep(self, *texts: str) -> None:
        self.found += [" ".join(text.split()) for text in texts if WORD.search(text)]


def words_of(html: str) -> list[str]:
    """Of a page."""
    parser = Words()
    parser.feed(html)
    parser.close()
    return parser.found


def unmarked_in(template: Path) -> list[str]:
    """The words of a template that are not marked for translation."""
    return words_of("".join(_outside_of_marks(Lexer(template.read_text()).tokenize())))


def _outside_of_marks(tokens: list[Token]) -> Iterator[str]:
    """A value is a sign that is no letter; what is translated is nothing."""
    until = ""
    for token in tokens:
        tag = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if until:
            until = "" if tag == until else until
        elif tag in ("blocktranslate", "comment"):
            until = f"end{tag}"
        elif token.token_type == TokenType.TEXT:
            yield token.contents
        elif tag != "translate":
            yield "·"
