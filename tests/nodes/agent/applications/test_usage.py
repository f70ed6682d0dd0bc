"""What an application uses is counted without harm to the node."""

import itertools
import time
from pathlib import Path

import pytest

from nodes.agent.applications import usage


def test_volumes_are_counted_without_what_links_lead_to(tmp_path: Path) -> None:
    volume, elsewhere = tmp_path / "volume", tmp_path / "elsewhere"
    (volume / "deep").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "large").write_bytes(b"x" * 10_000)
    (volume / "a").write_bytes(b"x" * 100)
    (volume / "deep" / "b").write_bytes(b"x" * 20)
    before = usage.measure(pid=0, paths=[volume])["disk"]
    (volume / "link").symlink_to(elsewhere)
    assert usage.measure(pid=0, paths=[volume])["disk"] - before < 1_000
    assert before >= 120


def test_directory_with_too_much_in_it_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the middle of one: a container may have made millions of files in it."""
    for number in range(50):
        (tmp_path / str(number)).touch()
    seconds = itertools.count(0.0, usage.WALK_SECONDS / 5)
    seen: list[object] = []

    def size(entry: object) -> int:
        seen.append(entry)
        return 1

    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    monkeypatch.setattr(usage, "_size", size)
    assert "disk" not in usage.measure(pid=0, paths=[tmp_path])
    assert len(seen) < 10
