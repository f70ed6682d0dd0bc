"""What axe and the W3C's checker say of pages that are refused, open, missing, or in doubt."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import markup
from tests.browser.states import MANUAL, NEWCOMERS, STATES, STRANGERS, State
from tests.browser.touring import Screen, Sight, look
from tests.browser.watching import is_of_the_lab, log_in, watched_page
from tests.lab import membership
from tests.lab.host import Host

pytestmark = pytest.mark.browser
SCREENS = [Screen(1440, 900, "light"), Screen(390, 844, "dark")]
NOT_OK = ("the server responded with a status of 4",)
"""What Chromium says in its console of a page that is missing."""
OpenAny = Callable[[], AbstractContextManager[Page]]
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)


@pytest.fixture
def open_any(harbour_browser: Browser) -> OpenAny:
    """Open a page that may be missing."""
    return partial(watched_page, harbour_browser, hosts=is_of_the_lab, but=NOT_OK)


def see(page: Page, host: Host, screen: Screen, states: Mapping[str, State]) -> dict[str, Sight]:
    """Reach each state, and look."""
    page.set_viewport_size(screen.size)
    page.emulate_media(color_scheme=screen.scheme)
    seen = {}
    for name, reach in states.items():
        reach(page, host.url)
        file = "".join(letter if letter.isalnum() else "-" for letter in name)
        seen[name] = look(page, screen, file, html=page.content())
    return seen


def found_in(seen: Mapping[str, Sight]) -> dict[str, list[str]]:
    """What is wrong with each, of all that is looked for."""
    wrong = markup.complaints(sight.html for sight in seen.values())
    found = {name: [*sight.violations, *sight.too_wide] for name, sight in seen.items()}
    return {name: problems for name, problems in found.items() if problems} | (
        {"HTML": wrong} if wrong else {}
    )


@each_screen
def test_nothing_is_wrong_with_a_leaders_pages_in_any_state(
    leader: Host, open_any: OpenAny, screen: Screen
) -> None:
    with open_any() as page:
        log_in(page, leader.url, **leader.administrator)
        seen = see(page, leader, screen, STATES)

    assert found_in(seen) == {}


@each_screen
def test_nothing_is_wrong_with_what_strangers_see(
    leader: Host, open_any: OpenAny, screen: Screen
) -> None:
    with open_any() as page:
        seen = see(page, leader, screen, {**STRANGERS, **MANUAL})

    assert found_in(seen) == {}


def test_nothing_is_wrong_with_a_machine_that_joins(
    leader: Host, newcomer: Host, new_name: str, open_any: OpenAny
) -> None:
    """Before it does, with the dialogs that a second node has, and as a worker."""
    screen = SCREENS[0]
    with open_any() as page:
        log_in(page, newcomer.url, **newcomer.administrator)
        seen = see(page, newcomer, screen, NEWCOMERS)
    code = membership.join_code(leader)
    membership.succeed(newcomer, membership.ask_to_join(newcomer, code=code, fqdn=new_name))
    with open_any() as page:
        log_in(page, leader.url, **leader.administrator)
        seen |= see(page, leader, screen, dialogs(newcomer.node_id))
    with open_any() as page:
        seen |= see(page, newcomer, screen, {"a worker": lambda page, url: visit(page, url)})

    assert found_in(seen) == {}


def dialogs(node_id: int | None) -> dict[str, State]:
    """What is asked before a node leaves or leads, with what is checked first."""
    paths = [f"nodes/{node_id}/{what}" for what in ("", "remove/", "promote/")]
    return {f"node {path}": partial(visit, path=path) for path in paths}


def visit(page: Page, url: str, *, path: str = "") -> None:
    page.goto(f"{url}/{path}")
    page.wait_for_load_state("networkidle" if path.endswith("promote/") else "load")
