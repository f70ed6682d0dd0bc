"""The overview in a real browser: it is where one begins, keeps itself up to date, and rests."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import log_in
from tests.lab import membership
from tests.lab.host import Host

pytestmark = pytest.mark.browser
SOON = 4_000
"""Milliseconds: two polls."""
SILENT = 20_000
"""Milliseconds: a node is called offline after eight seconds."""


@pytest.fixture
def page(leader: Host, open_page: OpenPage) -> Iterator[Page]:
    """Somebody who has just logged in."""
    with open_page() as opened:
        log_in(opened, leader.url, **leader.administrator)
        yield opened


def test_overview_is_where_one_begins(page: Page) -> None:
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(re.compile("(is|are) (online|offline)"))


def test_node_that_joins_and_falls_silent_is_seen_without_a_reload(
    page: Page, leader: Host, newcomer: Host, new_name: str
) -> None:
    code = membership.join_code(leader)
    membership.succeed(newcomer, membership.ask_to_join(newcomer, code=code, fqdn=new_name))
    cards = page.get_by_role("region", name="Nodes")
    card = cards.get_by_role("listitem").filter(has_text=new_name)
    expect(card).to_contain_text("Online", timeout=SOON)
    expect(card.get_by_role("meter", name="Memory")).to_be_visible(timeout=SILENT)
    expect(page.get_by_role("img", name="Map of the VPN")).to_be_visible()

    newcomer.cut_link()
    try:
        expect(card).to_contain_text("Offline", timeout=SILENT)
        expect(page.get_by_role("main")).to_contain_text("Check power and network.")
    finally:
        newcomer.heal_link()

    expect(card).to_contain_text("Online", timeout=SILENT)


def test_node_is_reached_by_keyboard(page: Page) -> None:
    page.locator("#card-1").focus()

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="node1")).to_be_visible()
    expect(page.get_by_role("heading", name="Last 24 hours")).to_be_visible()


def test_navigation_folds_on_a_telephone_and_stays_open_over_polls(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    navigation = page.get_by_role("navigation", name="Main")
    expect(navigation).to_be_hidden()

    page.get_by_text("Menu", exact=True).click()
    expect(navigation).to_be_visible()
    page.wait_for_event("response", timeout=SOON)

    expect(navigation).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_page_that_nobody_sees_asks_for_nothing(page: Page) -> None:
    page.wait_for_event("response", timeout=SOON)  # the next is a while away
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")

    with pytest.raises(TimeoutError):
        page.wait_for_event("request", timeout=2 * SOON)


def test_operations_are_filtered_by_keyboard(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/operations/")
    page.get_by_label("Asked by").fill("nobody")

    page.keyboard.press("Enter")

    expect(page.get_by_text("No operation fits this filter.")).to_be_visible()
    page.get_by_role("link", name="Show everything").press("Enter")
    expect(page.get_by_role("link", name="Create the cluster")).to_be_visible()
