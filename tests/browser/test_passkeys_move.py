"""What the lead's move leaves of passkeys, which browsers bind to names (S26, S43, S49)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.passkeys import add_passkey, give_authenticator
from tests.browser.watching import launch, log_in, watched_page
from tests.lab import fleet, people
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.people import Person

pytestmark = pytest.mark.browser
DOMAIN = "lab.test"


@dataclass(frozen=True)
class Move:
    """Two visitors with an authenticator each, and the leader of afterwards."""

    old: Host
    new: Host
    bob: Person
    bobs: Page
    admins: Page


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> fleet.Fleet:
    """Node 1 leads node 2."""
    return fleet.gather(make_lab, nodes=2, joined=2)


@pytest.fixture(scope="module")
def ships_browser(playwright: Playwright, ships: fleet.Fleet) -> Iterator[Browser]:
    browser = launch(playwright, ships.lab.client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture
def bobs(ships_browser: Browser) -> Iterator[Page]:
    with watched_page(ships_browser, hosts=lambda name: name.endswith(".lab.test")) as page:
        give_authenticator(page)
        yield page


@pytest.fixture
def admins(ships_browser: Browser) -> Iterator[Page]:
    with watched_page(ships_browser, hosts=lambda name: name.endswith(".lab.test")) as page:
        give_authenticator(page)
        yield page


@pytest.fixture
def move(ships: fleet.Fleet, bobs: Page, admins: Page) -> Move:
    """Bob's passkey is of node 1 alone, the administrator's of all nodes' domain; node 2 leads."""
    old, admin = ships.leader, people.first(ships.leader)
    bob = admin.create("bob", password="staple the battery")
    bob.recovery_codes = enrol(bobs, bob)
    admin.ask("PATCH", "access-policy/", {"passkey_domain": DOMAIN})
    admin.recovery_codes = enrol(admins, admin)
    admin.log_in(code=admin.recovery_codes[0])
    sailing = fleet.knowing(ships.lab, admin.make_token("lab"))
    sailing.wait_until_whole(size=2)
    assert sailing.promote(2)["state"] == "succeeded"
    return Move(old, sailing.hosts[2], bob, bobs, admins)


def enrol(page: Page, person: Person) -> list[str]:
    """Add a passkey by the page; returns the recovery codes."""
    log_in(page, person.host.url, username=person.username, password=person.password)
    add_passkey(page, person.host)
    return page.locator("#recovery-codes").inner_text().split()


def test_passkey_of_the_domain_opens_the_next_leader_and_that_of_a_node_says_where_it_works(
    move: Move,
) -> None:
    log_in(move.admins, move.new.url, **move.old.administrator)
    move.admins.get_by_role("button", name="Use a passkey").click()
    expect(move.admins.get_by_role("link", name="Account")).to_be_visible()

    log_in(move.bobs, move.new.url, username="bob", password=move.bob.password)
    said = move.bobs.get_by_role("main")
    expect(said).to_contain_text(f"Your passkeys are bound to {move.old.fqdn}")
    expect(move.bobs.get_by_role("button", name="Use a passkey")).to_have_count(0)
    move.bobs.get_by_label("Code").fill(move.bob.recovery_codes[0])
    move.bobs.get_by_role("button", name="Verify").click()
    move.bobs.goto(f"{move.new.url}/account/")
    row = move.bobs.get_by_role("row").filter(has_text="Blue key")
    expect(row).to_contain_text(move.old.fqdn)
