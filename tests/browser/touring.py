"""A tour of the console: every page once on one kind of screen, with what can be said of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser import axe

BUILD = Path(__file__).parents[2] / "build"
PICTURES, PAGES = BUILD / "pictures", BUILD / "pages"
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Screen:
    """How wide and high it is in CSS pixels, and whether its owner likes light or dark."""

    width: int
    height: int
    scheme: Scheme
    zooms: tuple[int, ...] = (1,)
    """By how much its owner enlarges pages."""

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}"

    @property
    def size(self) -> ViewportSize:
        return {"width": self.width, "height": self.height}


@dataclass(frozen=True)
class Sight:
    """What was seen of a page: where it is too wide, what axe says, and the file of its HTML."""

    too_wide: list[str]
    violations: list[str]
    html: Path


def tour(page: Page, screen: Screen, addresses: Mapping[str, str]) -> dict[str, Sight]:
    """Visit all addresses; the pictures and the HTML stay in ``build/``."""
    page.set_viewport_size(screen.size)
    page.emulate_media(color_scheme=screen.scheme)
    return {name: visit(page, screen, name, url) for name, url in addresses.items()}


def visit(page: Page, screen: Screen, name: str, url: str) -> Sight:
    """One page."""
    answer = page.goto(url)
    assert answer is not None, url
    assert answer.ok, url
    return look(page, screen, name, html=answer.text())


def look(page: Page, screen: Screen, name: str, *, html: str) -> Sight:
    """At the page as it stands, whose HTML the server sent so."""
    picture = PICTURES / screen.name / f"{name}.png"
    page.screenshot(path=picture, full_page=True)
    kept = PAGES / screen.name / f"{name}.html"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(html)
    violations = axe.violations(page)
    return Sight(
        [said for zoom in screen.zooms if (said := overflow(page, screen, zoom))], violations, kept
    )


def overflow(page: Page, screen: Screen, zoom: int) -> str:
    """What a page that is enlarged needs more than there is; nothing if it fits."""
    there = screen.width // zoom
    page.set_viewport_size({"width": there, "height": screen.height // zoom})
    needed = int(page.evaluate("document.documentElement.scrollWidth"))
    page.set_viewport_size(screen.size)
    return f"{needed} of {there} pixels" if needed > there else ""
