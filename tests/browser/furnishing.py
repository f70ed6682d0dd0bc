"""A cluster that has a bit of everything, for those who look at all its pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.pages import PATHS
from tests.browser.watching import log_in
from tests.lab import lab as labs
from tests.lab.client import Client
from tests.lab.host import Host


@dataclass(frozen=True)
class House:
    """The furnished leader: who can log in there, and which pages it has besides the plain ones."""

    leader: Host
    pages: Mapping[str, str]
    password: str
    codes: list[str]

    @property
    def client(self) -> Client:
        """The machine from which people reach it."""
        return labs.load(self.leader.lab).client

    @property
    def addresses(self) -> dict[str, str]:
        """Of all pages, by a name each."""
        return {name: self.leader.url + path for name, path in {**PATHS, **self.pages}.items()}

    @property
    def addresses_for_all(self) -> dict[str, str]:
        """Without those of what belongs to ``fay`` alone."""
        return {name: url for name, url in self.addresses.items() if not is_of_fay(name)}

    def enter(self, page: Page, username: str) -> None:
        """As ``fay``, who administers and has second factors, or ``otto``, who only looks on."""
        log_in(page, self.leader.url, username=username, password=self.password)
        if username == "fay":
            page.get_by_label("Code").fill(self.codes.pop())
            page.get_by_role("button", name="Verify").click()
            page.wait_for_url("**/overview/")


def is_of_fay(name: str) -> bool:
    """Whether nobody else has that page: it is of her own factors or token."""
    return name.startswith(("passkey_r", "token_revoke", "two_factor_disable", "recovery_codes"))


def furnish(leader: Host) -> House:
    """Stop what would carry its operations on, and have it furnished."""
    leader.stop("celery")
    told = leader.exec("python", "-m", "tests.browser.furniture").stdout.splitlines()[-1]
    return House(leader, **json.loads(told))
