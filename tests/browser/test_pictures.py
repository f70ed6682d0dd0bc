"""Every page of a leader, wide and narrow, light and dark: pictures, axe, HTML, width."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import markup
from tests.browser.pages import PATHS
from tests.browser.touring import Screen, Sight, tour
from tests.browser.watching import is_of_the_lab, log_in, watched_page
from tests.browser.weighing import Scales
from tests.lab.lab import Lab

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
WIDE = Screen(1440, 900, "light", zooms=(1, 2))
SCREENS = [WIDE, Screen(1440, 900, "dark"), Screen(390, 844, "light"), Screen(390, 844, "dark")]
Tour = Callable[[Screen], dict[str, Sight]]
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)


@pytest.fixture(scope="module")
def seen_on(harbour: Lab, harbour_browser: Browser) -> Tour:
    """The tour on a screen, which is made once."""
    leader = harbour.hosts[0]
    addresses = {name: leader.url + path for name, path in PATHS.items()}

    @cache
    def seen(screen: Screen) -> dict[str, Sight]:
        with watched_page(harbour_browser, hosts=is_of_the_lab) as page:
            log_in(page, leader.url, **leader.administrator)
            return tour(page, screen, addresses)

    return seen


@each_screen
def test_every_page_fits_the_screen(seen_on: Tour, screen: Screen) -> None:
    """Nor does one complain in the browser's console, or ask another host."""
    found = {name: sight.too_wide for name, sight in seen_on(screen).items()}

    assert {name: too_wide for name, too_wide in found.items() if too_wide} == {}


@each_screen
def test_axe_finds_nothing_on_any_page(seen_on: Tour, screen: Screen) -> None:
    found = {name: sight.violations for name, sight in seen_on(screen).items()}

    assert {name: violations for name, violations in found.items() if violations} == {}


def test_html_of_every_page_is_valid(seen_on: Tour) -> None:
    assert markup.complaints(sight.html for sight in seen_on(WIDE).values()) == []


def test_stylesheets_are_valid() -> None:
    apps = ("config", "accounts", "audit", "cluster", "nodes")
    sheets = [path for app in apps for path in (ROOT / app).glob("static/*/*.css")]

    assert markup.complaints(sheets) == []


def test_every_page_is_light(harbour: Lab, harbour_browser: Browser) -> None:
    """At most 15 requests, 200 kB on the first visit, and 40 kB after."""
    leader = harbour.hosts[0]
    with watched_page(harbour_browser, hosts=is_of_the_lab) as page:
        log_in(page, leader.url, **leader.administrator)
        scales = Scales(page)
        weights = {name: scales.weigh(leader.url + path) for name, path in PATHS.items()}

    assert {name: weight for name, weight in weights.items() if not weight.is_light} == {}
