"""What templates make of times."""

from datetime import UTC, datetime, timedelta

import time_machine

from cluster.templatetags.console import so_far

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@time_machine.travel(NOW, tick=False)
def test_what_happened_is_not_to_come_after_a_clock_was_set_back() -> None:
    before, after = NOW - timedelta(minutes=20), NOW + timedelta(minutes=20)

    assert [so_far(each) for each in (before, after, None)] == [before, NOW, None]
