"""Adding a node in the browser alone: the manual's three steps (S6, S7, S9 to S12)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import log_in, open_nodes
from tests.lab import membership
from tests.lab.host import Host

pytestmark = pytest.mark.browser
JOIN_SECONDS = 30_000


def log_in_to(host: Host, page: Page) -> None:
    log_in(page, host.url, **host.administrator)


def submit_code(page: Page, code: str) -> None:
    page.get_by_label("Join code").fill(code)
    page.get_by_role("button", name="Join cluster").click()


def test_machine_joins_by_the_two_pages(
    leader: Host, newcomer: Host, new_name: str, open_page: OpenPage
) -> None:
    """S6, S7, S10, S11, S12: a code from one page, pasted into the other; the list shows it."""
    with open_page() as console, open_page() as watcher, open_page() as worker:
        log_in_to(leader, console)
        open_nodes(console)
        console.get_by_role("button", name="Add node to cluster").click()
        code = console.get_by_role("textbox", name="Join code").inner_text()
        log_in_to(leader, watcher)
        open_nodes(watcher)
        row = watcher.get_by_role("row").filter(has_text=new_name)
        expect(row).to_have_count(0)
        log_in_to(newcomer, worker)
        worker.get_by_role("link", name="Join cluster").click()
        expect(worker.get_by_label("FQDN")).to_have_value(newcomer.fqdn)
        worker.get_by_label("FQDN").fill(new_name)
        submit_code(worker, code)
        expect(row.get_by_text("Online")).to_be_visible(timeout=JOIN_SECONDS)
        expect(console.get_by_text("Used", exact=True)).to_be_visible(timeout=JOIN_SECONDS)
        worker.goto(newcomer.url)
        leading = worker.get_by_role("link", name="Open the leader's console")
        expect(leading).to_have_attribute("href", leader.url)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "Paste the join code"),
        ("rubbish", "This is not a join code"),
        ("FLT1.eyJ2Ijox", "The end of the join code is missing"),
    ],
)
def test_bad_code_is_refused_at_its_field(
    newcomer: Host, open_page: OpenPage, code: str, said: str
) -> None:
    """S12: nothing is begun by a code that cannot be one."""
    with open_page() as page:
        log_in_to(newcomer, page)
        page.get_by_role("link", name="Join cluster").click()
        submit_code(page, code)
        field = page.get_by_label("Join code")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_role("main")).to_contain_text(said)


def test_revoked_code_says_so_on_the_worker(
    leader: Host, newcomer: Host, new_name: str, open_page: OpenPage
) -> None:
    """S12: the leader tells the one who holds the secret why it is refused."""
    with open_page() as console, open_page() as worker:
        log_in_to(leader, console)
        open_nodes(console)
        console.get_by_role("button", name="Add node to cluster").click()
        code = console.get_by_role("textbox", name="Join code").inner_text()
        console.get_by_role("button", name="Revoke").click()
        log_in_to(newcomer, worker)
        worker.get_by_role("link", name="Join cluster").click()
        worker.get_by_label("FQDN").fill(new_name)
        submit_code(worker, code)
        said = worker.get_by_role("main")
        expect(said).to_contain_text("revoked", timeout=JOIN_SECONDS)
    assert membership.status_of(leader, newcomer) is None
