"""Every page of a leader, wide and narrow, light and dark: pictures, axe, HTML, width."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from tests.browser import markup
from tests.browser.touring import Screen, Sight, tour
from tests.browser.watching import log_in, watched_page
from tests.lab.lab import Lab

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
PLAIN = (
    *("overview", "nodes", "node_add", "operations", "follow_ups", "logs", "jump", "help"),
    *("applications", "application_catalogue", "application_install_image"),
    *("domains", "domain_create", "domain_register", "styleguide"),
    *("audit", "audit_verification", "audit_retention", "audit_forwarding"),
    *("account", "password_change", "two_factor_begin", "passkey_new", "token_new"),
    *("administrators", "administrator_new", "access_policy"),
    *("cluster_settings", "application_settings", "log_settings"),
    *("backup", "backup_password", "backup_schedule"),
)
OF_A_NODE = ("node", "node_label", "node_settings", "node_fqdn")
PATHS = {name: reverse(name) for name in PLAIN} | {
    name: reverse(name, args=[1]) for name in OF_A_NODE
}
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
        with watched_page(harbour_browser, hosts=lambda name: name.endswith(".lab.test")) as page:
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
