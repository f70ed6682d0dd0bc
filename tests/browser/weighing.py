"""What a page costs a browser: requests, and bytes as they travel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page


@dataclass(frozen=True)
class Weight:
    """Of one page: how much is asked for on the first visit, and how much on the next."""

    requests: int
    first: int
    """Bytes, compressed, with headers, and an empty cache."""
    again: int

    @property
    def is_light(self) -> bool:
        return self.requests <= 15 and self.first <= 200_000 and self.again <= 40_000


@dataclass
class Scales:
    """Stand under a page, and read what each answer weighs by Chromium's own protocol."""

    page: Page
    session: CDPSession = field(init=False)
    answers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.on("Network.requestWillBeSent", self._note)
        self.session.on("Network.loadingFinished", self._note)
        self.session.send("Network.enable")

    def weigh(self, url: str) -> Weight:
        """Visit a page twice."""
        self.session.send("Network.clearBrowserCache")
        first = self._visit(url)
        return Weight(
            requests=len(first), first=sum(first.values()), again=sum(self._visit(url).values())
        )

    def _visit(self, url: str) -> Mapping[str, int]:
        self.answers.clear()
        self.page.goto(url)
        return dict(self.answers)

    def _note(self, event: dict[str, Any]) -> None:
        self.answers[event["requestId"]] = int(event.get("encodedDataLength", 0))
