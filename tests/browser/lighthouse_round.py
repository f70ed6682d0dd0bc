"""Lighthouse's marks of every page, at least 95 each: ``make lighthouse`` (root).

A furnished leader's pages as its administrator sees them, the manual's and the login page as a
stranger does, and those of a machine that is in no cluster yet. Prints Markdown while it goes on.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryDirectory

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from playwright.sync_api import BrowserContext, sync_playwright  # noqa: E402

from config.help.manual import SLUGS  # noqa: E402
from tests.browser.furnishing import furnish  # noqa: E402
from tests.browser.lighthouse import AT_LEAST, PORT, Device, Scores, best, inspect  # noqa: E402
from tests.browser.watching import FLAGS, log_in  # noqa: E402
from tests.lab import lab as labs  # noqa: E402
from tests.lab.host import Host  # noqa: E402
from tests.lab.lab import Lab  # noqa: E402

ON_A_TELEPHONE = (
    *("overview", "nodes", "node", "applications", "application", "domains", "operations"),
    *("logs", "follow_ups", "audit", "account", "administrators", "cluster_settings", "backup"),
)
"""Where people go from day to day; every page is looked at as on a desktop."""
AWAITED = "domain_standing now"
"""Who runs no scripts waits for the nodes' answers there; nobody is led to it who does."""
NEWCOMERS = ("welcome", "create", "join", "restore")
HEAD = ("page", "device", "performance", "accessibility", "best practices", "what is lacking")


@dataclass(frozen=True)
class Round:
    """A browser on the lab's client machine, in which the pages are looked at, one at a time."""

    lab: Lab
    visitor: BrowserContext

    def strangers(self) -> Iterator[bool]:
        """Whether each page is good that nobody needs to log in for."""
        url = self.lab.hosts[0].url
        login = {"login": f"{url}/login/"}
        manual = {f"manual {slug}": f"{url}/help/{slug}/" for slug in SLUGS}
        yield from self._look(login | manual, Device.DESKTOP)
        yield from self._look(login, Device.TELEPHONE)

    def leaders(self) -> Iterator[bool]:
        """Of a leader that has a bit of everything."""
        house = furnish(self.lab.hosts[0])
        page = self.visitor.new_page()
        house.enter(page, "fay")
        page.close()
        main = {name: house.addresses[name] for name in ON_A_TELEPHONE}
        yield from self._look(_without(house.addresses, AWAITED), Device.DESKTOP)
        yield from self._look(main, Device.TELEPHONE)

    def newcomers(self) -> Iterator[bool]:
        """Of a machine whose cluster is to be made or joined."""
        host = self.lab.hosts[1]
        _enter(self.visitor, host)
        pages = {name: f"{host.url}/{name}/" for name in NEWCOMERS}
        for device in Device:
            yield from self._look(pages, device)

    def _look(self, pages: Mapping[str, str], device: Device) -> Iterator[bool]:
        for name, url in pages.items():
            scores = best(partial(inspect, self.lab.client, url, device=device))
            print(_row(name, device, scores), flush=True)
            yield scores.is_good


def main() -> int:
    """Returns the exit code: 1 when any page has less than 95 of anything."""
    if os.geteuid() != 0:
        print("The lab needs root: it makes network namespaces.", file=sys.stderr)
        return 1
    name = f"light{os.getpid()}"
    try:
        good = _go_round(labs.up(name, nodes=2, joined=1))
    finally:
        labs.down(name)
    print(f"\n{sum(good)} of {len(good)} have at least {AT_LEAST} of each.")
    return 0 if all(good) else 1


def _go_round(lab: Lab) -> list[bool]:
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}", flush=True)
    with _a_visitor(lab) as visitor:
        seen = Round(lab, visitor)
        return [*seen.strangers(), *seen.leaders(), *seen.newcomers()]


@contextmanager
def _a_visitor(lab: Lab) -> Iterator[BrowserContext]:
    """Lighthouse opens its tabs in a browser's own context, beside what the driver does there."""
    with sync_playwright() as playwright, TemporaryDirectory(ignore_cleanup_errors=True) as kept:
        visitor = playwright.chromium.launch_persistent_context(
            kept,
            executable_path=lab.client.wrap("/usr/bin/chromium"),
            args=[*FLAGS, f"--remote-debugging-port={PORT}", "--ignore-certificate-errors"],
            ignore_https_errors=True,
            no_viewport=True,
        )
        yield visitor
        visitor.close()


def _without(pages: Mapping[str, str], name: str) -> dict[str, str]:
    return {each: url for each, url in pages.items() if each != name}


def _enter(visitor: BrowserContext, host: Host) -> None:
    page = visitor.new_page()
    log_in(page, host.url, **host.administrator)
    page.close()


def _row(name: str, device: Device, scores: Scores) -> str:
    marks = (scores.performance, scores.accessibility, scores.best_practices)
    return f"| {' | '.join([name, device, *map(str, marks), ', '.join(scores.lacking)])} |"


if __name__ == "__main__":
    sys.exit(main())
