"""A tour of the console: every page once, on each kind of screen, with what can be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser import axe, markup

BUILD = Path(__file__).parents[2] / "build"
PICTURES, PAGES = BUILD / "pictures", BUILD / "pages"
Scheme = Literal["light", "dark"]
OUT_OF_REACH = """() => {
  const scrolls = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const controls = document.querySelectorAll("a[href], button, input, select, textarea, summary");
  return Array.from(controls).filter((control) => {
    const box = control.getBoundingClientRect();
    const shown = control.checkVisibility({visibilityProperty: true}) && box.width > 1;
    const outside = box.left < -1 || box.right > innerWidth + 1 || box.bottom + scrollY < 0;
    return shown && outside && !control.matches(".skip") && !scrolls(control);
  }).map((control) => control.outerHTML.slice(0, 120));
}"""
"""Controls that nobody can scroll to; the link that skips navigation comes when it has focus."""


@dataclass(frozen=True)
class Screen:
    """How wide and high it is in CSS pixels, and whether its owner likes light or dark."""

    width: int
    height: int
    scheme: Scheme
    zooms: tuple[int, ...] = (1,)
    """By how much its owner enlarges pages."""
    is_checked: bool = True
    """Whether axe is asked; what it says depends on the scheme and on the width, each by itself."""
    is_pictured: bool = True

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}"

    @property
    def size(self) -> ViewportSize:
        return {"width": self.width, "height": self.height}


WIDE = Screen(1440, 900, "light", zooms=(1, 2))
NARROW = Screen(390, 844, "dark")
LOOKED_AT = (replace(WIDE, is_pictured=False), replace(NARROW, is_pictured=False))
SCREENS = (
    WIDE,
    NARROW,
    Screen(1440, 900, "dark", is_checked=False),
    Screen(390, 844, "light", is_checked=False),
)


@dataclass(frozen=True)
class Sight:
    """What was seen of a page: what does not fit, what axe says, and the file of its HTML."""

    screen: Screen
    misfits: list[str]
    violations: list[str]
    html: Path


def tour(
    page: Page, screens: Sequence[Screen], addresses: Mapping[str, str], *, into: str = ""
) -> dict[str, list[Sight]]:
    """Visit each address once, and look on every screen; pictures and HTML stay in ``build/``."""
    return {name: visit(page, screens, name, url, into=into) for name, url in addresses.items()}


def visit(
    page: Page, screens: Sequence[Screen], name: str, url: str, *, into: str = ""
) -> list[Sight]:
    """One page."""
    answer = page.goto(url)
    assert answer is not None, url
    assert answer.ok, url
    return [look(page, screen, f"{into}{name}", html=answer.text()) for screen in screens]


def look(page: Page, screen: Screen, name: str, *, html: str) -> Sight:
    """At the page as it stands, whose HTML the server sent so."""
    page.set_viewport_size(screen.size)
    page.emulate_media(color_scheme=screen.scheme)
    file = "".join(letter if letter.isalnum() else "-" for letter in name)
    if screen.is_pictured:
        page.screenshot(path=PICTURES / screen.name / f"{file}.png", full_page=True)
    kept = PAGES / f"{file}.html"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(html)
    violations = axe.violations(page) if screen.is_checked else []
    unfit = [said for zoom in screen.zooms for said in misfits(page, screen, zoom)]
    return Sight(screen, unfit, violations, kept)


def misfits(page: Page, screen: Screen, zoom: int) -> list[str]:
    """What a page that is enlarged needs more than there is, and controls out of reach."""
    there = screen.width // zoom
    page.set_viewport_size({"width": there, "height": screen.height // zoom})
    needed = int(page.evaluate("document.documentElement.scrollWidth"))
    away: list[str] = page.evaluate(OUT_OF_REACH)
    page.set_viewport_size(screen.size)
    too_wide = [f"{needed} of {there} pixels"] if needed > there else []
    return [*too_wide, *(f"out of reach at {there} pixels: {control}" for control in away)]


def problems(seen: Mapping[str, Sequence[Sight]]) -> dict[str, list[str]]:
    """What is wrong with each page, of all that is looked for; and with their HTML."""
    files = {sight.html for sights in seen.values() for sight in sights}
    wrong = markup.complaints(sorted(files))
    found = {
        f"{name}, {sight.screen.name}": [*sight.violations, *sight.misfits]
        for name, sights in seen.items()
        for sight in sights
    }
    return {name: said for name, said in found.items() if said} | ({"HTML": wrong} if wrong else {})
