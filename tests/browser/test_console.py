"""The console in a real browser: narrow screens, no JavaScript, other people, a cut cable."""

from functools import partial

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage
from tests.browser.pages import PATHS
from tests.browser.states import PERSON, somebody_gone, somebody_new
from tests.browser.watching import is_of_the_lab, log_in, watched_page
from tests.lab import membership
from tests.lab.host import Host

pytestmark = pytest.mark.browser


@pytest.fixture
def open_plain(harbour_browser: Browser) -> OpenPage:
    """Open a visitor's page whose browser runs no scripts."""
    return partial(watched_page, harbour_browser, hosts=is_of_the_lab, scripts=False)


def test_keyboard_keeps_its_place_while_the_page_updates_itself(
    leader: Host, open_page: OpenPage
) -> None:
    membership.join_code(leader)
    with open_page() as page:
        log_in(page, leader.url, **leader.administrator)
        page.goto(f"{leader.url}/nodes/")
        link = page.get_by_role("link", name="can still be used")
        link.focus()

        with page.expect_response("**/nodes/?role=*"), page.expect_response("**/nodes/?role=*"):
            pass

        expect(link).to_be_focused()


def test_menu_is_opened_and_left_by_keyboard_and_outlives_an_update(
    leader: Host, open_page: OpenPage
) -> None:
    with open_page() as page:
        log_in(page, leader.url, **leader.administrator)
        page.goto(f"{leader.url}/nodes/")
        button = page.locator("#menu-button-1")
        entry = page.get_by_role("link", name="Edit label")
        button.press("Enter")
        entry.focus()

        with page.expect_response("**/nodes/?role=*"), page.expect_response("**/nodes/?role=*"):
            pass

        expect(entry).to_be_focused()
        entry.press("Escape")
        expect(entry).to_be_hidden()
        expect(button).to_be_focused()


def test_join_code_is_made_and_revoked_without_javascript(
    leader: Host, open_plain: OpenPage
) -> None:
    with open_plain() as page:
        log_in(page, leader.url, **leader.administrator)
        page.goto(f"{leader.url}/nodes/")

        page.get_by_role("button", name="Add node to cluster").click()
        expect(page.get_by_role("textbox", name="Join code")).to_contain_text("FLT1.")
        page.get_by_role("button", name="Revoke").click()

        expect(page.get_by_role("main")).to_contain_text("The join code was revoked.")


def test_administrator_is_made_and_deleted_without_javascript(
    leader: Host, open_plain: OpenPage
) -> None:
    with open_plain() as page:
        log_in(page, leader.url, **leader.administrator)
        somebody_new(page, leader.url)
        somebody_gone(page, leader.url)
        answer = page.goto(f"{leader.url}/settings/administrators/")

        assert answer is not None
        expect(page.get_by_role("main").get_by_role("link", name=PERSON)).to_have_count(0)


def test_every_page_opens_without_javascript(leader: Host, open_plain: OpenPage) -> None:
    with open_plain() as page:
        log_in(page, leader.url, **leader.administrator)
        for path in PATHS.values():
            page.goto(leader.url + path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_nothing_moves_for_who_wants_less_motion(leader: Host, open_page: OpenPage) -> None:
    with open_page() as page:
        log_in(page, leader.url, **leader.administrator)
        page.goto(f"{leader.url}/styleguide/")
        running = "document.getAnimations().length"
        assert page.evaluate(running) > 0
        page.emulate_media(reduced_motion="reduce")

        assert page.evaluate(running) == 0


def test_page_says_that_it_lost_its_node_and_heals_by_itself(
    leader: Host, harbour_browser: Browser
) -> None:
    with watched_page(harbour_browser, hosts=is_of_the_lab, but=("net::ERR_", "htmx:")) as page:
        log_in(page, leader.url, **leader.administrator)
        page.goto(f"{leader.url}/nodes/")
        lost = page.get_by_text("Reconnecting…")
        expect(lost).to_be_hidden()

        leader.cut_link()
        expect(lost).to_be_visible(timeout=20_000)
        leader.heal_link()

        expect(lost).to_be_hidden(timeout=20_000)
