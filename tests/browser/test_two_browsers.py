"""What one browser does, another sees; what is under way outlives reload, logout and an outage."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.conftest import OpenPage
from tests.browser.seeing import late
from tests.browser.watching import is_of_the_lab, launch, log_in, watched_page
from tests.lab import lab as labs
from tests.lab import rows
from tests.lab.host import Host
from tests.lab.host import expect as expect_status

pytestmark = pytest.mark.browser
PAGES = {
    "overview": "overview/",
    "nodes": "nodes/",
    "node": "nodes/1/",
    "operations": "operations/",
    "follow-ups": "follow-ups/",
    "audit trail": "audit/?live=1",
    "any other": "account/",
}
TIRED = ("net::ERR_", "htmx:", "the server responded with a status of 50")
"""What a browser says of a web process that is gone."""
FOUND = 302
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


@pytest.fixture
def elsewhere(playwright: Playwright, leader: Host) -> Iterator[Page]:
    """A page of another browser, a process of its own."""
    client = labs.load(leader.lab).client
    with ExitStack() as stack:
        browser = launch(playwright, client.wrap("/usr/bin/chromium"))
        stack.callback(browser.close)
        yield stack.enter_context(watched_page(browser, hosts=is_of_the_lab))


@pytest.fixture
def watchers(leader: Host, open_page: OpenPage) -> Iterator[Mapping[str, Page]]:
    """Somebody with all pages open that update themselves."""
    with open_page() as first:
        log_in(first, leader.url, **leader.administrator)
        pages = {name: first.context.new_page() for name in PAGES}
        for name, page in pages.items():
            page.goto(f"{leader.url}/{PAGES[name]}")
        yield pages


def push(page: Page, name: str) -> float:
    """Press what changes something; when the server has said that it is done."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.get_by_role("main").get_by_role("button", name=name).click()
    acknowledged = time.monotonic()
    assert answered.value.status == FOUND
    return acknowledged


def test_what_one_browser_does_another_sees_within_two_seconds(
    leader: Host, elsewhere: Page, watchers: Mapping[str, Page]
) -> None:
    """A label, and the event of it; then a reminder that is settled."""
    rows.note_follow_up(leader, "Water the plants.")
    log_in(elsewhere, leader.url, **leader.administrator)
    elsewhere.goto(f"{leader.url}/nodes/1/label/")
    elsewhere.get_by_label("Label").fill("Seen at once")
    since = push(elsewhere, "Save")
    shown = {
        name: watchers[name].get_by_role("main").get_by_text("Seen at once").first
        for name in ("overview", "nodes", "node")
    }
    live = watchers["audit trail"].get_by_role("row").filter(has_text="Changed a node").first
    assert late({**shown, "audit trail": live}, since=since) == set()

    reminders = {
        name: watchers[name].get_by_role("main").get_by_role("listitem").filter(has_text="plants")
        for name in ("overview", "follow-ups")
    }
    for reminder in reminders.values():
        expect(reminder).to_be_visible()
    elsewhere.goto(f"{leader.url}/follow-ups/")
    since = push(elsewhere, "Mark as done")
    assert late(reminders, since=since, gone=True) == set()


def test_running_operation_is_seen_within_two_seconds_on_every_page_of_another_browser(
    leader: Host,
    elsewhere: Page,
    watchers: Mapping[str, Page],
    waiting_backup: Callable[[], None],
) -> None:
    log_in(elsewhere, leader.url, **leader.administrator)
    elsewhere.goto(f"{leader.url}/settings/backup/")
    since = push(elsewhere, "Back up now")
    banners = {name: running(page) for name, page in watchers.items()}
    listed = watchers["operations"].get_by_role("row").filter(has_text="Back up the cluster")
    new = listed.filter(has_text="Pending")
    assert late({**banners, "list of operations": new.first}, since=since) == set()
    for page in watchers.values():
        expect(page.get_by_role("progressbar", name="Progress").first).to_be_visible()
    leader.start_process("celery")
    for banner in banners.values():
        expect(banner).to_have_count(0, timeout=ENDED)


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
    with watched_page(harbour_browser, hosts=is_of_the_lab, but=TIRED) as page:
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
        since = time.monotonic()
        again = page.get_by_role("main").get_by_text("Back again")
        assert late({"nodes": again}, since=since) == set()
