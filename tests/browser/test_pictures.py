"""A picture of every page of a leader, for people to look at: ``build/pictures``."""

from pathlib import Path
from typing import Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.watching import log_in
from tests.lab.host import Host

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "build" / "pictures"
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
Scheme = Literal["light", "dark"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_every_page_fits_the_screen(
    leader: Host, open_page: OpenPage, width: int, height: int, scheme: Scheme
) -> None:
    """Nor does one complain in the browser's console, or ask another host."""
    with open_page() as page:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        log_in(page, leader.url, **leader.administrator)
        folder = PICTURES / f"{width}-{scheme}"
        widths = {name: look(page, leader.url + PATHS[name], folder / name) for name in PATHS}

    assert {name: seen for name, seen in widths.items() if seen > width} == {}


def look(page: Page, url: str, picture: Path) -> int:
    """Keep a picture of a page, and say how wide the page is."""
    answer = page.goto(url)
    assert answer is not None, url
    assert answer.ok, url
    page.screenshot(path=picture.with_suffix(".png"), full_page=True)
    return int(page.evaluate("document.documentElement.scrollWidth"))
