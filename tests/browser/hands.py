"""The two ways in which a person uses a page: with a mouse, or with nothing but the keyboard."""

from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Locator, expect

MOST_STOPS = 150
NEXT_KEY = """target => {
  const active = document.activeElement;
  if (active === target) return "";
  const main = document.getElementById("main");
  if (active.matches(".skip") && main.contains(target)) return "Enter";
  const place = active.compareDocumentPosition(target);
  const isBefore = active !== document.body && place & Node.DOCUMENT_POSITION_PRECEDING;
  return isBefore ? "Shift+Tab" : "Tab";
}"""
SHOWS_FOCUS = """element => {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && box.bottom > 0 && box.top < innerHeight;
}"""


class Hand(Protocol):
    """What a person does to what they have found by its role, its label or its words."""

    def press(self, control: Locator) -> None:
        """Follow a link, push a button, open or close what folds."""

    def write(self, field: Locator, text: str) -> None:
        """Leave this text in a field, whatever was there."""

    def tick(self, box: Locator) -> None:
        """Turn a box on or off."""


@dataclass(frozen=True)
class Mouse:
    """Points and clicks, and types where it has clicked."""

    def press(self, control: Locator) -> None:
        control.click()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        _type_over(field, text)

    def tick(self, box: Locator) -> None:
        box.click()


@dataclass(frozen=True)
class Keyboard:
    """Tab and Shift+Tab until it is there, which the page must show; then Enter, Space or text."""

    def press(self, control: Locator) -> None:
        reach(control)
        control.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        reach(field)
        _type_over(field, text)

    def tick(self, box: Locator) -> None:
        reach(box)
        box.page.keyboard.press("Space")


def reach(target: Locator) -> None:
    """Walk there as the Tab key does, past the navigation by the page's own skip link."""
    expect(target).to_be_visible()
    expect(target).to_be_enabled()
    for _ in range(MOST_STOPS):
        key = target.evaluate(NEXT_KEY)
        if not key:
            break
        target.page.keyboard.press(key)
    expect(target).to_be_focused()
    assert target.evaluate(SHOWS_FOCUS), f"nothing shows that {target} has the focus"


def _type_over(field: Locator, text: str) -> None:
    keyboard = field.page.keyboard
    keyboard.press("Control+A")
    keyboard.type(text)
