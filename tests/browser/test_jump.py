"""The jump box, by keyboard alone: everything that has a name is three keys away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import log_in
from tests.lab.host import Host

pytestmark = pytest.mark.browser


@pytest.fixture
def page(leader: Host, open_page: OpenPage) -> Iterator[Page]:
    """Somebody who has just logged in."""
    with open_page() as opened:
        log_in(opened, leader.url, **leader.administrator)
        yield opened


@pytest.mark.parametrize(
    ("typed", "found", "path"),
    [
        ("node1", "node1", "/nodes/1/"),
        ("admin", "admin Administrator", "/settings/administrators/admin/"),
        ("applic", "Applications", "/applications/"),
        ("join code", "Add node to cluster", "/nodes/add/"),
        ("label: node1", "Edit label: node1", "/nodes/1/label/"),
    ],
    ids=["node", "administrator", "page", "action", "menu"],
)
def test_slash_letters_arrows_and_enter_lead_there(
    page: Page, leader: Host, typed: str, found: str, path: str
) -> None:
    page.keyboard.press("/")
    page.keyboard.type(typed)
    list_ = page.get_by_role("list", name="Found")
    expect(list_.get_by_role("link", name=found).first).to_be_visible()
    wanted = list_.get_by_role("link", name=found).first
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if wanted.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")

    expect(page).to_have_url(leader.url + path)


def test_control_k_works_inside_a_field_and_enter_opens_the_first(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/operations/")
    page.get_by_label("Asked by").press("Control+k")
    page.keyboard.type("node1")
    expect(page.get_by_role("list", name="Found").get_by_role("link").first).to_contain_text(
        "node1"
    )

    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{leader.url}/nodes/1/")


def test_escape_closes_the_list_and_leaves_the_text(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("node1")
    expect(page.get_by_role("list", name="Found")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("list", name="Found")).to_be_hidden()
    expect(page.get_by_role("searchbox", name="Jump to")).to_be_focused()
