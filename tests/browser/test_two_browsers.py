"""What one browser does, another sees; what is under way outlives reload, logout and an outage."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import log_in
from tests.lab.host import Host
from tests.lab.host import expect as expect_status

pytestmark = pytest.mark.browser
PAGES = ("overview/", "audit/", "account/", "settings/administrators/")
SOON = 4_000
"""Milliseconds: two polls."""
ENDED = 30_000
LOST = 20_000
PASSWORD = {"password": "violet harbour lantern 42"}


@pytest.fixture
def waiting_backup(leader: Host) -> Iterator[Callable[[], None]]:
    """Ask for a backup that begins only when the test is over, or says so."""
    expect_status(leader.api("PUT", "cluster/backup/password/", PASSWORD), 204)
    leader.stop("celery")

    def ask() -> None:
        expect_status(leader.api("POST", "cluster/backup/"), 202)

    yield ask
    if leader.pids()["celery"] is None:
        leader.start_process("celery")


def running(page: Page) -> Locator:
    """The banner of an operation that is under way."""
    return page.locator("#banners").get_by_text("Back up the cluster")


def test_running_operation_is_seen_on_every_page_of_another_browser(
    leader: Host, open_page: OpenPage, waiting_backup: Callable[[], None]
) -> None:
    with open_page() as other:
        log_in(other, leader.url, **leader.administrator)
        pages = [other, *(other.context.new_page() for _ in PAGES[1:])]
        for page, path in zip(pages, PAGES, strict=True):
            page.goto(f"{leader.url}/{path}")
            expect(running(page)).to_have_count(0)
        waiting_backup()
        for page in pages:
            expect(running(page)).to_be_visible(timeout=SOON)
            expect(page.get_by_role("progressbar", name="Progress").first).to_be_visible()
        leader.start_process("celery")
        for page in pages:
            expect(running(page)).to_have_count(0, timeout=ENDED)


def test_running_operation_outlives_reload_and_logout(
    leader: Host, open_page: OpenPage, waiting_backup: Callable[[], None]
) -> None:
    waiting_backup()
    with open_page() as page:
        log_in(page, leader.url, **leader.administrator)
        expect(running(page)).to_be_visible()
        page.reload()
        expect(running(page)).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        log_in(page, leader.url, **leader.administrator)
        page.locator("#banners").get_by_role("link", name="Follow it").click()
        expect(page.get_by_role("heading", name="Back up the cluster")).to_be_visible()
        leader.start_process("celery")
        expect(page.get_by_role("main").get_by_text("Succeeded").first).to_be_visible(timeout=ENDED)


def test_page_says_since_when_the_web_is_gone_and_goes_on_when_it_is_back(
    leader: Host, harbour_browser: Browser
) -> None:
    context = harbour_browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    log_in(page, leader.url, **leader.administrator)
    page.goto(f"{leader.url}/nodes/")
    lost = page.locator("#connection")

    leader.stop("web")
    try:
        expect(lost).to_contain_text("Reconnecting…", timeout=LOST)
        expect(lost).to_contain_text("Last seen today")
    finally:
        leader.start_process("web")

    expect(lost).to_be_hidden(timeout=LOST)
    leader.wait_until_ready()
    expect_status(leader.api("PATCH", "nodes/1/", {"label": "Back again"}), 200)
    expect(page.get_by_role("main").get_by_text("Back again")).to_be_visible(timeout=SOON)
    context.close()
