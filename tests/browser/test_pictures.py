"""Every page of a leader, wide and narrow, light and dark: pictures, axe, HTML, width, reach.

First as it is with nothing in its cluster, then with a bit of everything; as an auditor sees it,
and in Italian. The pictures are in ``build/pictures``.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from config.help.pages import PAGES
from tests.browser import markup
from tests.browser.furnishing import House, furnish
from tests.browser.pages import ELSEWHERE, PATHS
from tests.browser.touring import LOOKED_AT, SCREENS, problems, tour
from tests.browser.watching import is_of_the_lab, launch, log_in, watched_page
from tests.browser.weighing import Scales
from tests.lab.host import Host
from tests.lab.lab import Lab

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house(make_lab: Callable[..., Lab]) -> House:
    """One leader that believes to have two other nodes."""
    return furnish(make_lab(nodes=1, joined=1).hosts[0])


@pytest.fixture(scope="module")
def house_browser(playwright: Playwright, house: House) -> Iterator[Browser]:
    browser = launch(playwright, house.client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture
def visitor(house_browser: Browser) -> Iterator[Page]:
    """Somebody new in the furnished house."""
    with watched_page(house_browser, hosts=is_of_the_lab) as page:
        yield page


def test_nothing_is_wrong_with_any_page_of_a_new_cluster(
    leader: Host, harbour_browser: Browser
) -> None:
    """Nor does one complain in the browser's console, or ask another host."""
    with watched_page(harbour_browser, hosts=is_of_the_lab) as page:
        log_in(page, leader.url, **leader.administrator)
        addresses = {name: leader.url + path for name, path in PATHS.items()}
        seen = tour(page, LOOKED_AT, addresses, into="new ")

    assert problems(seen) == {}


def test_nothing_is_wrong_with_any_page_of_a_cluster_that_has_everything(
    house: House, visitor: Page
) -> None:
    house.enter(visitor, "fay")
    seen = tour(visitor, SCREENS, house.addresses)

    assert problems(seen) == {}


def test_nothing_is_wrong_with_what_an_auditor_sees(house: House, visitor: Page) -> None:
    house.enter(visitor, "otto")
    seen = tour(visitor, LOOKED_AT[:1], house.addresses_for_all, into="auditor ")

    assert problems(seen) == {}


def test_nothing_is_wrong_with_any_page_in_italian(house: House, visitor: Page) -> None:
    """Where words are longer."""
    house.enter(visitor, "fay")
    visitor.goto(f"{house.leader.url}/account/")
    card = visitor.get_by_role("region", name="Language")
    card.get_by_role("combobox").select_option("it")
    card.get_by_role("button").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "it")
    seen = tour(visitor, LOOKED_AT[1:], house.addresses, into="italian ")

    assert problems(seen) == {}


def test_every_page_is_toured(house: House) -> None:
    """But those of a machine that leads nothing, which other tests look at."""
    toured = {name.partition(" ")[0] for name in (*PATHS, *house.pages)}

    assert set(PAGES) - toured == ELSEWHERE


def test_stylesheets_are_valid() -> None:
    apps = ("config", "accounts", "audit", "cluster", "nodes")
    sheets = [path for app in apps for path in (ROOT / app).glob("static/*/*.css")]

    assert markup.complaints(sheets) == []


def test_every_page_is_light(leader: Host, harbour_browser: Browser) -> None:
    """At most 15 requests, 200 kB on the first visit, and 40 kB after."""
    with watched_page(harbour_browser, hosts=is_of_the_lab) as page:
        log_in(page, leader.url, **leader.administrator)
        scales = Scales(page)
        weights = {name: scales.weigh(leader.url + path) for name, path in PATHS.items()}

    assert {name: weight for name, weight in weights.items() if not weight.is_light} == {}
