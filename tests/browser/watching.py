"""A browser in a network namespace, and a page that may not complain."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PASSWORD = "a browser of the harbour 7"


def launch(playwright: Playwright, program: Path) -> Browser:
    """Chromium by a script that enters the namespace first; the driver talks to it by pipes."""
    return playwright.chromium.launch(executable_path=program, args=list(FLAGS))


@contextmanager
def watched_page(
    browser: Browser,
    *,
    hosts: Callable[[str], bool],
    scripts: bool = True,
    but: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page of a new visitor; what it complains of, or asks of other hosts, fails at its end.

    So does what the visitor's other tabs complain of. Nothing else opens a browser's pages.

    Complaints with one of ``but`` are what the test is about. ``scripts`` may be switched off.
    """
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=scripts)
    complaints: list[str] = []
    listen(context, hosts=hosts, to=complaints)
    try:
        yield context.new_page()
    finally:
        context.close()
    unexpected = [said for said in complaints if not any(word in said for word in but)]
    assert unexpected == [], unexpected


def listen(context: BrowserContext, *, hosts: Callable[[str], bool], to: list[str]) -> None:
    """Note what any page of a visitor complains of, the Content-Security-Policy's reports too."""
    context.on("console", lambda said: to.append(said.text) if _is_bad(said.type) else None)
    context.on("weberror", lambda thrown: to.append(str(thrown.error)))
    context.on(
        "request",
        lambda request: None if _is_allowed(request.url, hosts) else to.append(request.url),
    )


def is_of_the_lab(name: str) -> bool:
    """Whether a host is one of the lab's."""
    return name.endswith(".lab.test")


def log_in(page: Page, url: str, *, username: str, password: str) -> None:
    """Log in as a person does."""
    page.goto(url)
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()


def open_nodes(page: Page) -> None:
    """By the navigation: whoever logs in begins at the overview."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Nodes").click()


def scan(code: Locator) -> str:
    """What a telephone's camera sees of it, by a program that is not ours: ``zbarimg``."""
    with TemporaryDirectory() as directory:
        picture = Path(directory, "seen.png")
        code.screenshot(path=picture)
        command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _is_bad(kind: str) -> bool:
    return kind in ("error", "warning")


def _is_allowed(url: str, hosts: Callable[[str], bool]) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or hosts(parts.hostname or "")
