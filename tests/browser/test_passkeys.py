"""A passkey's whole life in a browser, whose own virtual authenticator holds it (S49 to S51)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.passkeys import add_passkey, give_authenticator
from tests.browser.watching import is_of_the_lab, launch, log_in, watched_page
from tests.lab.host import Host
from tests.lab.lab import Lab

pytestmark = pytest.mark.browser
ENTER = "/settings/create-administrator/"
UNTRUSTED = (
    "new DOMException('WebAuthn is not supported on sites with TLS certificate errors.', "
    "'NotAllowedError')"
)


@pytest.fixture(scope="module")
def pier(make_lab: Callable[..., Lab]) -> Lab:
    """One leader."""
    return make_lab(nodes=1, joined=1)


@pytest.fixture(scope="module")
def host(pier: Lab) -> Host:
    return pier.hosts[0]


@pytest.fixture(scope="module")
def pier_browser(playwright: Playwright, pier: Lab) -> Iterator[Browser]:
    browser = launch(playwright, pier.client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture
def page(pier_browser: Browser) -> Iterator[Page]:
    """A visitor with an authenticator."""
    with watched_page(pier_browser, hosts=is_of_the_lab) as page:
        give_authenticator(page)
        yield page


def remove_passkey(page: Page, host: Host) -> None:
    page.goto(f"{host.url}/account/")
    page.get_by_role("link", name="Remove Blue key").click()
    page.get_by_label("Your password").fill(host.administrator["password"])
    page.get_by_role("button", name="Use a passkey").click()


def test_passkey_is_added_logs_in_proves_and_goes(page: Page, host: Host) -> None:
    said = page.get_by_role("main")
    log_in(page, host.url, **host.administrator)
    add_passkey(page, host)
    expect(said).to_contain_text("Keep your recovery codes")
    page.get_by_role("link", name="I have stored them").click()
    expect(page.get_by_role("row").filter(has_text="Blue key")).to_contain_text(host.fqdn)

    page.get_by_role("button", name="Log out").click()
    log_in(page, host.url, **host.administrator)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Account")).to_be_visible()

    age_proofs(host)
    page.goto(f"{host.url}{ENTER}")
    page.get_by_label("User name").fill("eve")
    page.get_by_role("button", name="Create").click()
    expect(said).to_contain_text("Confirm that it is you")
    page.get_by_role("button", name="Use a passkey").click()
    expect(said).to_contain_text("Fill in first: Your password.")
    page.get_by_label("Your password").fill(host.administrator["password"])
    page.get_by_role("button", name="Use a passkey").click()
    expect(said).to_contain_text("eve was created")

    remove_passkey(page, host)
    expect(said).to_contain_text("Two-factor authentication is off.")


AGE = """
from accounts.models import Session
from accounts.sessions import SessionStore

for key in Session.objects.exclude(administrator=None).values_list("pk", flat=True):
    store = SessionStore(key)
    store["proved_at"] = "2000-01-01T00:00:00+00:00"
    store.save()
"""


def age_proofs(host: Host) -> None:
    """As if everybody had given password and passkey long ago."""
    host.exec("python", "manage.py", "shell", "-c", AGE)


def test_recovery_code_does_without_javascript(
    page: Page, pier_browser: Browser, host: Host
) -> None:
    """What the passkey's owner has when it, or its script, is not at hand."""
    log_in(page, host.url, **host.administrator)
    add_passkey(page, host)
    codes = page.locator("#recovery-codes").inner_text().split()

    with watched_page(pier_browser, hosts=is_of_the_lab, scripts=False) as visitor:
        log_in(visitor, host.url, **host.administrator)
        expect(visitor.get_by_role("main")).to_contain_text("Enter a code instead")
        expect(visitor.get_by_role("button", name="Use a passkey")).to_be_hidden()
        visitor.get_by_label("Code").fill(codes[0])
        visitor.get_by_role("button", name="Verify").click()
        expect(visitor.get_by_role("link", name="Account")).to_be_visible()

    remove_passkey(page, host)
    expect(page.get_by_role("main")).to_contain_text("Two-factor authentication is off.")


def test_page_says_that_the_certificate_is_not_trusted(page: Page, host: Host) -> None:
    """In Chromium's own words, which it spares those who drive it."""
    page.add_init_script(f"navigator.credentials.create = () => Promise.reject({UNTRUSTED});")
    log_in(page, host.url, **host.administrator)

    add_passkey(page, host)

    expect(page.get_by_role("alert")).to_contain_text("because it does not trust this console")
