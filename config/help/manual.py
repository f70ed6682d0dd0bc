"""The manual's chapters, in the order in which they are read."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from config.help.markdown import Document, render

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Begin", ("install", "first-cluster", "join")),
    ("Every day", ("daily", "applications", "domains", "backup")),
    ("The fleet changes", ("remove", "promote", "lost-leader", "returning-leader")),
    ("People", ("administrators", "second-factor", "passwords")),
    ("What happened", ("audit-trail", "logs")),
    ("Automate", ("api", "commands")),
    ("When something is wrong", ("troubleshooting", "errors")),
)
SLUGS = tuple(slug for _, slugs in PARTS for slug in slugs)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file below ``docs/manual/``."""

    slug: str
    document: Document


@dataclass(frozen=True, slots=True)
class Part:
    """Chapters that belong together."""

    title: str
    chapters: tuple[Chapter, ...]


@cache
def chapter(slug: str) -> Chapter:
    """One of ``SLUGS``; read once a process."""
    path = settings.BASE_DIR / "docs" / "manual" / f"{slug}.md"
    return Chapter(slug, render(path.read_text(encoding="utf-8")))


@cache
def parts() -> tuple[Part, ...]:
    """The table of contents."""
    return tuple(Part(title, tuple(map(chapter, slugs))) for title, slugs in PARTS)


@cache
def explained_codes() -> frozenset[str]:
    """The error codes that the chapter ``errors`` has an entry for."""
    headings = chapter("errors").document.headings
    return frozenset(heading.text for heading in headings if heading.level == 3)
