"""The lead moves and a node leaves, in the browser alone (S15 to S22, S27, S30 to S36)."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import launch, log_in, open_nodes, watched_page
from tests.lab.host import Host
from tests.lab.lab import Lab

pytestmark = pytest.mark.browser
LOOKED = 15_000
"""Milliseconds until every node has said what it sees."""
MOVED = 20_000
"""Milliseconds until a page of the old leader has gone on at the new one."""
ENDED = 40_000


@pytest.fixture(scope="module")
def fleet(make_lab: Callable[..., Lab]) -> Lab:
    """Three nodes; node 1 leads."""
    return make_lab(nodes=3, joined=3)


@pytest.fixture(scope="module")
def fleet_browser(playwright: Playwright, fleet: Lab) -> Iterator[Browser]:
    browser = launch(playwright, fleet.client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture
def open_fleet(fleet_browser: Browser) -> OpenPage:
    """Open a new visitor's page, which may speak to the lab's hosts only."""
    return partial(watched_page, fleet_browser, hosts=lambda name: name.endswith(".lab.test"))


def said(page: Page, text: str) -> Locator:
    """Where the page says so, apart from what it has read aloud."""
    return page.get_by_role("main").get_by_text(text)


def choose(page: Page, *, node: str, entry: str) -> None:
    """Open a node's menu in the list of nodes, and follow one of its entries."""
    open_nodes(page)
    page.get_by_text(f"What can be done with {node}").locator("..").click()
    page.get_by_role("link", name=entry).click()


def test_lead_moves_and_the_page_goes_with_it(fleet: Lab, open_fleet: OpenPage) -> None:
    """S30 to S36: typed, looked at, moved; the browser ends logged in at the new leader."""
    old, new = fleet.hosts[0], fleet.hosts[2]
    with open_fleet() as page:
        log_in(page, old.url, **old.administrator)
        choose(page, node="node3", entry="Promote to leader")
        expect(said(page, "Every node reaches node3.")).to_be_visible(timeout=LOOKED)
        expect(page.get_by_label("VPN public address")).to_have_value(new.fqdn)
        promote(page)
        expect(page).to_have_url(re.compile(rf"^{re.escape(new.url)}/login/"), timeout=MOVED)
        fill_login(page, old.administrator)
        expect(page).to_have_url(re.compile(rf"^{re.escape(new.url)}/operations/"))
        expect(said(page, "node3 leads the cluster now.")).to_be_visible(timeout=ENDED)
        page.goto(f"{new.url}/nodes/")
        expect(said(page, "All 3 nodes are online.")).to_be_visible(timeout=ENDED)
        expect(page.get_by_text("Set the backup password again", exact=True)).to_be_visible()


def promote(page: Page) -> None:
    """The button waits for the name, and for the name again when it was altered (S35)."""
    button = page.get_by_role("button", name="Promote node3 to leader")
    typed = page.get_by_label("Type node3 to confirm")
    expect(button).to_be_disabled()
    typed.fill("node3")
    expect(button).to_be_enabled()
    typed.fill("node33")
    expect(button).to_be_disabled()
    typed.fill("node3")
    button.click()


def fill_login(page: Page, administrator: dict[str, str]) -> None:
    page.get_by_label("User name").fill(administrator["username"])
    page.get_by_label("Password").fill(administrator["password"])
    page.get_by_role("button", name="Log in").click()


def leader_of(fleet: Lab) -> Host:
    """Whichever node leads now."""
    return next(host for host in fleet.hosts if host.role == "leader")


def test_node_leaves_and_its_own_page_says_so(fleet: Lab, open_fleet: OpenPage) -> None:
    """S18 to S22: listed, typed, gone; a follow-up reminds of the rest."""
    leader, leaving = leader_of(fleet), fleet.hosts[1]
    with open_fleet() as page:
        log_in(page, leader.url, **fleet.hosts[0].administrator)
        choose(page, node="node2", entry="Remove from cluster")
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("link", name="node2", exact=True)).to_be_visible()
        choose(page, node="node2", entry="Remove from cluster")
        button = page.get_by_role("button", name="I understand, remove node")
        expect(button).to_be_disabled()
        page.get_by_label("Type node2 to confirm").fill("node2")
        button.click()
        expect(said(page, "node2 is no member any more")).to_be_visible(timeout=ENDED)
        page.goto(f"{leader.url}/nodes/")
        expect(page.get_by_role("link", name="node2", exact=True)).to_have_count(0)
        settle(page)
        page.goto(leaving.url)
        expect(said(page, "This machine was removed from its cluster")).to_be_visible()


def settle(page: Page) -> None:
    """The reminder to shut the node down goes when somebody says that it is done (S22)."""
    reminder = page.get_by_role("listitem").filter(has_text="Shut the removed node down")
    expect(reminder).to_be_visible()
    reminder.get_by_role("button", name="Settle").click()
    expect(reminder).to_have_count(0)


def test_removed_machine_starts_anew(fleet: Lab, open_fleet: OpenPage) -> None:
    """S21, S22: after its administrator has logged in and said so."""
    machine = fleet.hosts[1]
    with open_fleet() as page:
        page.goto(machine.url)
        page.get_by_role("link", name="Clean start").click()
        fill_login(page, machine.administrator)
        page.get_by_label("Type node2 to confirm").fill("node2")
        page.get_by_role("button", name="Forget the cluster and start anew").click()
        expect(page.get_by_role("link", name="Join cluster")).to_be_visible()
