"""Somebody at a page of the console, who uses all of it in one way: by mouse, or by keyboard."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import Hand


@dataclass(frozen=True)
class Visitor:
    """A page, and the hand that uses it."""

    page: Page
    hand: Hand

    def log_in(self, url: str, *, username: str, password: str) -> None:
        """Type the address, and then what the page asks for."""
        self.page.goto(url)
        self.give_password(username=username, password=password)

    def give_password(self, *, username: str, password: str) -> None:
        """On whichever page asks for it."""
        self.write("User name", username)
        self.write("Password", password)
        self.push("Log in")

    def go(self, name: str) -> None:
        """By the navigation."""
        navigation = self.page.get_by_role("navigation", name="Main")
        self.hand.press(navigation.get_by_role("link", name=name, exact=True))
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def push(self, name: str) -> None:
        """A button in the page, not around it."""
        self.hand.press(self.page.get_by_role("main").get_by_role("button", name=name))

    def follow(self, name: str) -> None:
        """A link in the page, not around it."""
        self.hand.press(self.page.get_by_role("main").get_by_role("link", name=name))

    def write(self, label: str, text: str) -> None:
        self.hand.write(self.page.get_by_label(label, exact=True), text)

    def choose(self, *, node: str, entry: str) -> None:
        """Open a node's menu in the list of nodes, and follow one of its entries."""
        self.go("Nodes")
        menu = self.page.locator("details", has_text=f"What can be done with {node}")
        self.hand.press(menu.locator("summary"))
        self.hand.press(menu.get_by_role("link", name=entry))

    def pick(self, label: str, value: str) -> None:
        """One of many, in a list that opens below its name."""
        choices = self.page.locator("fieldset").filter(has_text=label)
        fold = self.page.locator("details").filter(has=choices).locator("summary")
        self.hand.press(fold)
        self.hand.tick(choices.get_by_role("checkbox", name=value, exact=True))
        self.page.keyboard.press("Escape")
        expect(choices).to_be_hidden()

    def said(self, text: str | re.Pattern[str]) -> Locator:
        """Where the page says so, apart from what it has read aloud."""
        return self.page.get_by_role("main").get_by_text(text)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name)
