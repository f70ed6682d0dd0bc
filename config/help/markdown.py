"""A chapter of the manual, from its Markdown to what a page shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
SUFFIX = ".md"
IMAGES = "../images/"
PICTURE: dict[str, str | int | float] = {"width": 1200, "height": 750, "loading": "lazy"}
"""All have one size (``make pictures``): the page does not jump when one arrives."""
TABLE = {
    "table_open": '<div class="table-wrap" tabindex="0"><table class="table">',
    "table_close": "</table></div>",
}


def _in_a_box(_: RendererHTML, tokens: Sequence[Token], place: int, *__: object) -> str:
    """A table that is too wide is scrolled, and not the page."""
    return TABLE[tokens[place].type]


for _name in TABLE:
    PARSER.add_render_rule(_name, _in_a_box)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title; ``anchor`` is the id of its element."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Document:
    """What was written, ready for a page; the title is not in ``html``."""

    title: str
    summary: str
    html: SafeString
    headings: tuple[Heading, ...]


def render(text: str) -> Document:
    """``text`` begins with its title, and a paragraph that says what it is about."""
    tokens = PARSER.parse(text)
    title, summary, body = tokens[1].content, _plain(tokens[4]), tokens[3:]
    headings = tuple(_name_headings(body))
    _lead_to_pages(body)
    # Our own files, and no HTML in them: what is not Markdown is escaped.
    html = mark_safe(PARSER.renderer.render(body, PARSER.options, {}))  # noqa: S308
    return Document(title, summary, html, headings)


def _name_headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give each heading an id made of its words; an error's is its code."""
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = _plain(inline)
            opening.attrSet("id", slugify(text))
            yield Heading(int(opening.tag[1]), text, slugify(text))


def _lead_to_pages(tokens: Sequence[Token]) -> None:
    """``join.md#codes`` in the files is ``/help/join/#codes`` on the pages; pictures too."""
    for inline in tokens:
        for token in inline.children or ():
            if token.type == "link_open":
                token.attrSet("href", _address(str(token.attrGet("href"))))
            if token.type == "image":
                token.attrs |= PICTURE | {"src": _picture(str(token.attrGet("src")))}


def _address(target: str) -> str:
    chapter, mark, anchor = target.partition("#")
    if not chapter.endswith(SUFFIX) or "/" in chapter:
        return target
    return reverse("help_chapter", args=[chapter.removesuffix(SUFFIX)]) + mark + anchor


def _picture(target: str) -> str:
    """``../images/join.webp`` in the files is a static file of the console."""
    return static(f"manual/{target.removeprefix(IMAGES)}")


def _plain(inline: Token) -> str:
    """Without marks: what an element would read."""
    return "".join(
        " " if token.type == "softbreak" else token.content for token in inline.children or ()
    )
