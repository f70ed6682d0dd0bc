"""Browsers in the lab's client namespace."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.watching import launch, watched_page
from tests.lab.lab import Lab

OpenPage = Callable[[], AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """To the end of the process its event loop runs in this thread, where Django would refuse the
    database to the tests of other files.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        yield started


@pytest.fixture(scope="module")
def harbour_browser(playwright: Playwright, harbour: Lab) -> Iterator[Browser]:
    """Chromium on the lab's client machine."""
    browser = launch(playwright, harbour.client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture
def open_page(harbour_browser: Browser) -> OpenPage:
    """Open a new visitor's page, which may speak to the lab's hosts only."""
    return partial(watched_page, harbour_browser, hosts=lambda name: name.endswith(".lab.test"))
