"""In which order processes take the tests that run in labs, so that none waits for another's end.

``--dist loadfile`` gives a file to whoever has nothing left. Here the files that make labs of their
own come first, the longest first; then those that ask for the same kept lab, one after another; and
last the rows of the fault matrix, cut into shares, which fill the gap until the longest file ends.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.lab.fixtures import fixtures_of

IN_LABS = ("lab", "browser", "faults")
NAMES_ONE = re.compile(rf"\bmark\.({'|'.join(IN_LABS)})\b")
KEPT = ("lab", "harbour", "waters", "ships")
"""What files leave to one another, in this order."""
LONG = (
    *("lab/test_switch_leader", "browser/test_stories", "lab/test_applications"),
    *("lab/test_domains", "browser/test_make_run", "lab/test_clocks", "lab/test_remove"),
    *("lab/test_promote", "lab/test_returning_leader"),
)
"""Files that make labs of their own and take the longest."""
TOGETHER = ("lab/test_cluster", "lab/test_healing", "lab/test_presence", "lab/test_worker")
"""Files that ask for ``lab``: one process takes them all, because five hosts are a long start."""
ROWS_PER_SHARE = 4


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """By files in the order in which they were collected; the fault matrix in smaller shares."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self._share_of: dict[str, str] = {}
        self._tests_of: Counter[str] = Counter()

    def _split_scope(self, nodeid: str) -> str:
        """Whatever has the same answer goes to the same process."""
        if nodeid not in self._share_of:
            path = nodeid.split("::", 1)[0]
            share = self._tests_of[path] // ROWS_PER_SHARE if "/faults/" in path else 0
            self._tests_of[path] += 1
            together = _name(Path(path)) in TOGETHER
            self._share_of[nodeid] = "lab" if together else f"{path} {share}"
        return self._share_of[nodeid]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares | None:
    """Ours for ``--dist loadfile``."""
    return Shares(config, log) if config.option.dist == "loadfile" else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whoever asks for marked tests only need not import the many files that have none."""
    only_marked = config.option.markexpr and "not" not in config.option.markexpr.split()
    is_test = collection_path.match("test_*.py")
    return True if only_marked and is_test and not _names_a_mark(collection_path) else None


@cache
def _names_a_mark(path: Path) -> bool:
    """Whether a file says of itself that some of it runs in labs; nothing else counts."""
    return NAMES_ONE.search(path.read_text()) is not None


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """No marked test is lost: the unit tests, which import every file, do not begin with one."""
    if _runs_in_lab(item) and not _names_a_mark(item.path):
        raise RuntimeError(f"{item.nodeid} has a mark that its file does not name")


def _runs_in_lab(item: pytest.Item) -> bool:
    return any(map(item.get_closest_marker, IN_LABS))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in order, if all of them run in labs."""
    if all(map(_runs_in_lab, items)):
        ranks = {item.path: 0 for item in items}
        for item in items:
            ranks[item.path] = max(ranks[item.path], _rank(item))
        items.sort(key=lambda item: (ranks[item.path], _place(item)))


def _rank(item: pytest.Item) -> int:
    """0 for a test without a kept lab. A module's own ``ships`` are no kept ones."""
    asked = fixtures_of(item)
    if "make_lab" in asked:
        return 0
    return max((rank for rank, name in enumerate(KEPT, start=1) if name in asked), default=0)


def _place(item: pytest.Item) -> int:
    name = _name(item.path)
    return LONG.index(name) if name in LONG else len(LONG)


def _name(path: Path) -> str:
    """Such as ``lab/test_remove``; faults have one of that name, too."""
    return f"{path.parent.name}/{path.stem}"
