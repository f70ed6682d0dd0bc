"""Whether one browser sees in time what was done elsewhere, by this process's clock."""

import time
from collections.abc import Mapping

from playwright.sync_api import Locator

SECONDS = 2.0
"""From the moment at which whoever did it was told that it is done."""
EVERY = 0.02


def late(awaited: Mapping[str, Locator], *, since: float, gone: bool = False) -> set[str]:
    """What cannot be seen, or with ``gone`` still can, two seconds after a monotonic time."""
    missing = set(awaited)
    while missing and time.monotonic() < since + SECONDS:
        missing -= {name for name in missing if awaited[name].is_visible() is not gone}
        time.sleep(EVERY)
    return missing
