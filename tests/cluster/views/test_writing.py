"""How times, durations and figures are written."""

from datetime import UTC, datetime, timedelta

import pytest

from cluster.templatetags import console
from cluster.views.health import join_words
from cluster.views.measures import Measure, measures

MOMENT = datetime(2026, 11, 22, 10, 0, 3, tzinfo=UTC)


def test_time_is_exact_and_in_utc_until_the_browser_knows_better() -> None:
    html = console.moment(MOMENT)

    assert html == (
        '<time datetime="2026-11-22T10:00:03+00:00" data-relative>2026-11-22 10:00:03 UTC</time>'
    )


def test_time_that_never_came_says_so() -> None:
    assert console.exact(None) == "never"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "under 0.1 s"),
        (3.24, "3.2 s"),
        (59.6, "1 min"),
        (65, "1 min 5 s"),
        (3600, "1 h"),
        (90_061, "1 d 1 h"),
    ],
)
def test_duration_is_written_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert console.span(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_joined_as_people_write_them(words: list[str], text: str) -> None:
    assert join_words(words) == text


def test_unknown_action_of_a_newer_version_keeps_its_name() -> None:
    assert console.action_label("node.painted") == "node.painted"


def test_load_is_measured_against_the_processors() -> None:
    assert measures({"load": [2.0, 1, 1], "cpus": 4}) == [
        Measure("Load", 50, "2.0 on 4 processors")
    ]


def test_node_that_reported_nothing_has_no_figures() -> None:
    assert measures({}) == []
