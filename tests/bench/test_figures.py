"""The arithmetic of the report."""

import pytest

from tests.bench import figures
from tests.bench.figures import Figure, Section


@pytest.mark.parametrize(
    ("percent", "value"), [(1, 1.0), (50, 10.0), (95, 19.0), (96, 20.0), (100, 20.0)]
)
def test_percentile_is_the_nearest_rank(percent: int, value: float) -> None:
    assert figures.percentile([float(number) for number in range(20, 0, -1)], percent) == value


def test_target_may_be_reached_and_not_passed() -> None:
    reached, passed = Figure("a", 5.0, "s", 5), Figure("b", 5.1, "s", 5)

    assert figures.missed([Section("both", (reached, passed))]) == [passed]


def test_target_of_nothing_is_passed_by_anything() -> None:
    none, one = Figure("none", 0.0, "", 0), Figure("one", 1.0, "", 0)

    assert figures.missed([Section("both", (none, one))]) == [one]
    assert none.ratio is None


def test_figure_without_target_misses_nothing() -> None:
    assert not Figure("fastest", 1e9, "s").is_missed


def test_section_shows_value_target_and_ratio() -> None:
    shown = figures.show(Section("Joins", (Figure("Join", 2.5, "s", 5),)))

    assert "| Join | 2.50 s | 5 s | 0.50 |" in shown
