"""axe, asked about the page that is open: WCAG 2.2 at level AA."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.browser.checkers import INSTALLED

ASK = """async () => {
  const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const answer = await axe.run({runOnly: levels, resultTypes: ["violations"]});
  return answer.violations;
}"""


def violations(page: Page) -> list[str]:
    """Which rule each element breaks, and where it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_program())
    found: list[dict[str, Any]] = page.evaluate(ASK)
    return [
        f"{rule['id']}: {' '.join(map(str, element['target']))}: {element['html'][:160]}"
        for rule in found
        for element in rule["nodes"]
    ]


@cache
def _program() -> str:
    return (INSTALLED / "axe-core" / "axe.min.js").read_text()
