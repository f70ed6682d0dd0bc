"""What a page of the console can be in besides plain: refused, open, just done, in doubt."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from config.help.manual import SLUGS
from tests.browser.watching import log_in

State = Callable[[Page, str], None]
"""Brings a page into it, by the address of a console where somebody is logged in."""
REFUSED_EMPTY = (
    *("settings/create-administrator/", "account/tokens/new/", "account/password/"),
    *("account/two-factor/", "domains/create/", "domains/register/", "applications/image/"),
    *("settings/backup/password/", "settings/audit/forwarding/"),
)
WRONG_FILTERS = ("audit/?since=yesterday", "logs/?since=yesterday", "operations/?kind=none")
MISSING = ("nodes/99/", "nothing/", "settings/administrators/nobody/", "help/nothing/")
PERSON = "vera"
GUESSES = 11


def refused(path: str) -> State:
    """A form sent as it is, with a word at what is missing."""

    def reach(page: Page, url: str) -> None:
        page.goto(f"{url}/{path}")
        page.locator("main form button[type=submit]").last.click()
        expect(page.locator("main .errorlist, main .banner.danger").first).to_be_visible()

    return reach


def at(path: str) -> State:
    """A page that speaks for itself."""

    def reach(page: Page, url: str) -> None:
        page.goto(f"{url}/{path}")

    return reach


def open_menu(page: Page, url: str) -> None:
    """The last node's: an open menu lies over what is below it."""
    page.goto(f"{url}/nodes/")
    page.locator("summary[id^=menu-button-]").last.click()
    expect(page.get_by_role("link", name="Edit label")).to_be_visible()


def open_choice(page: Page, url: str) -> None:
    page.goto(f"{url}/audit/")
    page.locator("#picked-user").click()
    expect(page.get_by_role("group", name="User")).to_be_visible()


def open_export(page: Page, url: str) -> None:
    page.goto(f"{url}/audit/")
    page.get_by_text("Export", exact=True).click()


def open_event(page: Page, url: str) -> None:
    page.goto(f"{url}/audit/")
    page.locator("details.event-details > summary").first.click()


def found_by_jump(page: Page, url: str) -> None:
    page.goto(f"{url}/overview/")
    page.get_by_role("searchbox").fill("node")
    expect(page.locator("#jump-found a").first).to_be_visible()


def said_that_it_is_done(page: Page, url: str) -> None:
    join_code(page, url)
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator(".toast")).to_be_visible()


def reconnecting(page: Page, url: str) -> None:
    page.goto(f"{url}/overview/")
    page.locator("#connection").evaluate("box => { box.hidden = false; }")


def join_code(page: Page, url: str) -> None:
    page.goto(f"{url}/nodes/")
    page.get_by_role("button", name="Add node to cluster").click()
    expect(page.get_by_role("textbox", name="Join code")).to_be_visible()


def somebody_new(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/create-administrator/")
    page.get_by_label("User name").fill(PERSON)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("main")).to_contain_text(PERSON)


def somebody_gone(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/administrators/{PERSON}/delete/")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("main")).to_contain_text(PERSON)


def last_operation(page: Page, url: str) -> None:
    page.goto(f"{url}/operations/")
    with page.expect_navigation():
        page.locator("main tbody a").first.click()


STATES: Mapping[str, State] = {
    **{f"refused {path}": refused(path) for path in REFUSED_EMPTY},
    **{f"filtered {path}": at(path) for path in WRONG_FILTERS},
    **{f"missing {path}": at(path) for path in MISSING},
    "not possible": at("nodes/1/remove/"),
    "menu": open_menu,
    "choice": open_choice,
    "export": open_export,
    "event": open_event,
    "jump": found_by_jump,
    "done": said_that_it_is_done,
    "reconnecting": reconnecting,
    "join code": join_code,
    "operation": last_operation,
    "somebody new": somebody_new,
    "somebody": at(f"settings/administrators/{PERSON}/"),
    "somebody's password": at(f"settings/administrators/{PERSON}/reset-password/"),
    "somebody's end": at(f"settings/administrators/{PERSON}/delete/"),
    "somebody gone": somebody_gone,
}
"""On a leader, in an order in which they can be reached."""
MANUAL: Mapping[str, State] = {f"manual {slug}": at(f"help/{slug}/") for slug in SLUGS}
NEWCOMERS: Mapping[str, State] = {
    **{path: at(path) for path in ("welcome/", "create/", "join/", "restore/")},
    **{f"refused {path}": refused(path) for path in ("create/", "join/", "restore/")},
}
"""On a machine that belongs to no cluster."""


def refused_login(page: Page, url: str) -> None:
    """Where nobody is logged in."""
    log_in(page, url, username="nobody", password="nothing")
    expect(page.get_by_role("alert")).to_be_visible()


def locked_out(page: Page, url: str) -> None:
    """By more guesses than anybody has."""
    for _ in range(GUESSES):
        log_in(page, url, username="mallory", password="nothing")
    expect(page.get_by_role("alert")).to_contain_text("Too many")


def too_old(page: Page, url: str) -> None:
    """The browser lost its cookies since the form was opened."""
    page.goto(f"{url}/login/")
    page.context.clear_cookies()
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="The form was too old")).to_be_visible()


STRANGERS: Mapping[str, State] = {
    "locked out": locked_out,
    "form too old": too_old,
    "login": at("login/"),
    "login of a late form": at("login/?late=1&next=/nodes/"),
    "login refused": refused_login,
    "manual for strangers": at("help/"),
}
