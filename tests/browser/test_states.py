"""What axe and the W3C's checker say of pages that are refused, open, missing, or in doubt."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.states import MANUAL, NEWCOMERS, STATES, STRANGERS, State
from tests.browser.touring import NARROW, WIDE, Sight, look, problems
from tests.browser.watching import is_of_the_lab, log_in, watched_page
from tests.lab import membership
from tests.lab.host import Host

pytestmark = pytest.mark.browser
NOT_OK = ("the server responded with a status of 4",)
"""What Chromium says in its console of a page that is missing."""
OpenAny = Callable[[], AbstractContextManager[Page]]


@pytest.fixture
def open_any(harbour_browser: Browser) -> OpenAny:
    """Open a page that may be missing."""
    return partial(watched_page, harbour_browser, hosts=is_of_the_lab, but=NOT_OK)


def see(page: Page, host: Host, states: Mapping[str, State]) -> dict[str, list[Sight]]:
    """Reach each state, and look: wide and light, then narrow and dark."""
    seen = {}
    for name, reach in states.items():
        page.set_viewport_size(WIDE.size)
        reach(page, host.url)
        html = page.content()
        seen[name] = [look(page, screen, name, html=html) for screen in (WIDE, NARROW)]
    return seen


def test_nothing_is_wrong_with_a_leaders_pages_in_any_state(
    leader: Host, open_any: OpenAny
) -> None:
    with open_any() as page:
        log_in(page, leader.url, **leader.administrator)
        seen = see(page, leader, {**STATES, "second factor": second_factor(leader)})

    assert problems(seen) == {}


def test_nothing_is_wrong_with_what_strangers_see(leader: Host, open_any: OpenAny) -> None:
    with open_any() as page:
        seen = see(page, leader, {**STRANGERS, **MANUAL})

    assert problems(seen) == {}


def test_nothing_is_wrong_with_a_machine_that_joins(
    leader: Host, newcomer: Host, new_name: str, open_any: OpenAny
) -> None:
    """Before it does, with the dialogs that a second node has, and as a worker."""
    with open_any() as page:
        log_in(page, newcomer.url, **newcomer.administrator)
        seen = see(page, newcomer, NEWCOMERS)
    code = membership.join_code(leader)
    membership.succeed(newcomer, membership.ask_to_join(newcomer, code=code, fqdn=new_name))
    with open_any() as page:
        log_in(page, leader.url, **leader.administrator)
        seen |= see(page, leader, dialogs(newcomer.node_id))
    with open_any() as page:
        seen |= see(page, newcomer, {"a worker": visit, "a candidate": candidate})

    assert problems(seen) == {}


def second_factor(host: Host) -> State:
    """The code to scan, and what is said to nothing in place of the digits."""

    def reach(page: Page, url: str) -> None:
        page.goto(f"{url}/account/two-factor/")
        page.get_by_label("Your password").fill(host.administrator["password"])
        page.get_by_role("main").get_by_role("button").last.click()
        page.get_by_role("button", name="Verify code").click()
        expect(page.locator("main .errorlist")).to_be_visible()

    return reach


def dialogs(node_id: int | None) -> dict[str, State]:
    """What is asked before a node leaves or leads, with what is checked first."""
    paths = [f"nodes/{node_id}/{what}" for what in ("", "remove/", "promote/")]
    return {f"node {path}": partial(visit, path=path) for path in paths}


def candidate(page: Page, url: str) -> None:
    """The start page of a worker, to a browser that the old leader sent there too soon."""
    page.goto(f"{url}/?next=%2Fnodes%2F")
    expect(page.get_by_role("heading", name="The lead is moving to this machine")).to_be_visible()


def visit(page: Page, url: str, *, path: str = "") -> None:
    page.goto(f"{url}/{path}")
    page.wait_for_load_state("networkidle" if path.endswith("promote/") else "load")
