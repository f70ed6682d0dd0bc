"""An administrator whose second factor is lost, and root's way to let them in again (S53, S54)."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import OpenPage
from tests.browser.watching import launch, log_in, scan, watched_page
from tests.lab import lab as labs
from tests.lab import membership, rows
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.people import otp

pytestmark = pytest.mark.browser
MANUAL = '{"user":"admin","set":{"password":"Nethesis,1234","2fa":false}}'
ONE_TIME = "Nethesis,1234"
CHOSEN = "three boats and a 7th"
PROCESSES = ("web", "celery", "broker")
LOCKED_SECONDS = 5


@pytest.fixture(scope="module")
def island(make_lab: Callable[..., Lab]) -> Host:
    """A leader of its own, whose administrator nobody else needs."""
    leader = make_lab(nodes=1, joined=0).hosts[0]
    membership.create(leader)
    return leader


@pytest.fixture(scope="module")
def island_browser(playwright: Playwright, island: Host) -> Iterator[Browser]:
    browser = launch(playwright, labs.load(island.lab).client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture
def open_island(island_browser: Browser) -> OpenPage:
    """Open a new visitor's page, which may speak to the lab's hosts only."""
    return partial(watched_page, island_browser, hosts=lambda name: name.endswith(".lab.test"))


@dataclass
class Addresses:
    """Every address that a page has asked for: what a browser's history and a proxy's log keep."""

    seen: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self.seen.append(request.url))


def enable_two_factor(page: Page, url: str, password: str) -> str:
    """The wizard; returns the key that an application has read from the QR code."""
    page.goto(f"{url}/account/two-factor/")
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Go on").click()
    secret = secret_in(scan(page.get_by_alt_text("QR code of the key")))
    assert secret == page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(otp(secret))
    page.get_by_role("button", name="Verify code").click()
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    return secret


def secret_in(uri: str) -> str:
    """As applications understand what they scanned."""
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    return parse_qs(parts.query)["secret"][0]


def choose_password(page: Page) -> None:
    """What stands between the one-time password and all the rest."""
    expect(page).to_have_url(re.compile("/account/password/$"))
    page.get_by_label("Current password").fill(ONE_TIME)
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_label("New password, once more").fill(CHOSEN)
    page.get_by_role("main").get_by_role("button").first.click()


def run_the_manuals_line(host: Host) -> None:
    """As root, on the leader's machine."""
    host.exec("bin/api-cli", "run", "alter-user", "--data", MANUAL)


@contextmanager
def stopped(host: Host) -> Iterator[None]:
    """All that the console is made of is down."""
    for process in PROCESSES:
        host.stop(process)
    try:
        yield
    finally:
        for process in reversed(PROCESSES):
            host.start_process(process)
        host.wait_until_ready()


def test_lost_device_is_no_end_though_the_console_is_down(
    island: Host, open_island: OpenPage
) -> None:
    """S53: locked out, one line as root with everything stopped, in again, and a new password."""
    addresses = Addresses()
    with open_island() as before, open_island() as locked_out, open_island() as after:
        for page in (before, locked_out, after):
            addresses.watch(page)
        log_in(before, island.url, **island.administrator)
        secret = enable_two_factor(before, island.url, island.administrator["password"])
        before.goto("about:blank")  # where nothing asks for news while the console is down
        log_in(locked_out, island.url, **island.administrator)
        expect(locked_out.get_by_role("heading", name="One more step")).to_be_visible()

        with stopped(island):
            run_the_manuals_line(island)

        log_in(after, island.url, username="admin", password=ONE_TIME)
        choose_password(after)
        after.goto(f"{island.url}/nodes/")
        expect(after.get_by_role("link", name="node1", exact=True)).to_be_visible()
        before.goto(f"{island.url}/nodes/")
        expect(before).to_have_url(re.compile("/login/"))
    event = rows.events(island, "administrator.password.reset")[0]
    assert (event["user"], event["target_label"]) == (f"root@{island.fqdn}", "admin")
    assert event["details"]["two_factor_disabled"] is True
    kept = (island.administrator["password"], ONE_TIME, CHOSEN, secret)
    assert [url for url in addresses.seen if any(word in url for word in kept)] == []


def test_lost_device_is_no_end_though_somebody_else_writes(island: Host) -> None:
    """S53: the command waits for five seconds of somebody else's transaction."""
    path, locked = island.state_dir / "db.sqlite3", Event()

    def write_for_long() -> None:
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            locked.set()
            Event().wait(timeout=LOCKED_SECONDS)
            database.execute("COMMIT")

    with ThreadPoolExecutor() as pool:
        writer = pool.submit(write_for_long)
        locked.wait(timeout=20)
        run_the_manuals_line(island)
        assert writer.done()

    answer = island.log_in(username="admin", password=ONE_TIME)
    assert answer["must_change_password"] is True
