"""What is read of a report of Lighthouse, and how often a page is asked for one."""

from typing import Any

import pytest

from tests.browser.lighthouse import Scores, best, read

URL = "https://node1.lab.test:8443/nodes/"
GOOD, BAD, WORSE = Scores(95, 100, 100), Scores(94, 100, 100), Scores(100, 100, 20)


def report(**changes: Any) -> dict[str, Any]:
    refs = [{"id": "layout-shift", "weight": 25}, {"id": "long-tasks", "weight": 0}]
    return {
        "finalDisplayedUrl": URL,
        "categories": {
            "performance": {"score": 0.94, "auditRefs": refs},
            "accessibility": {"score": 1, "auditRefs": []},
            "best-practices": {"score": 1, "auditRefs": []},
        },
        "audits": {
            "layout-shift": {"score": 0.5, "displayValue": "0.2"},
            "long-tasks": {"score": 0, "displayValue": "9"},
        },
    } | changes


def test_marks_come_with_what_took_something_off() -> None:
    assert read(report(), url=URL) == Scores(94, 100, 100, ("layout-shift 0.2",))


@pytest.mark.parametrize(
    "changes", [{"finalDisplayedUrl": "/login/"}, {"runtimeError": {"code": "NO_FCP"}}]
)
def test_page_that_was_not_seen_has_no_marks(changes: dict[str, Any]) -> None:
    assert read(report(**changes), url=URL).lowest == 0


def test_first_good_try_is_the_last() -> None:
    tries = iter([BAD, GOOD, WORSE])

    assert best(lambda: next(tries)) == GOOD
    assert next(tries) == WORSE


def test_page_that_is_never_good_has_the_marks_of_its_best_try() -> None:
    tries = iter([WORSE, BAD, WORSE, GOOD])

    assert best(lambda: next(tries)) == BAD
    assert next(tries) == GOOD
