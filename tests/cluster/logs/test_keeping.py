"""What becomes of logs with time."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from cluster.logs.keeping import delete_old, pack_old
from cluster.logs.packing import pack
from cluster.logs.question import Question
from cluster.logs.search import find_all
from tests.cluster.logs.days import line, write_day

TODAY = date(2026, 11, 24)


def left(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_days_that_are_over_are_packed_and_todays_and_yesterdays_are_not(tmp_path: Path) -> None:
    for day in ("2026-11-22", "2026-11-23", "2026-11-24"):
        write_day(tmp_path, [line(1)], day=day)
    pack_old(tmp_path, today=TODAY)
    assert left(tmp_path) == ["2026-11-22.log.zst", "2026-11-23.log", "2026-11-24.log"]


def test_packed_day_is_what_any_zstd_unpacks(tmp_path: Path) -> None:
    path = write_day(tmp_path, [line(number) for number in range(3000)])
    before = path.read_bytes()
    unpacked = subprocess.run(["zstd", "-dc", pack(path)], capture_output=True, check=True)
    assert unpacked.stdout == before


def test_packing_that_was_cut_short_shows_nothing_twice(tmp_path: Path) -> None:
    path = write_day(tmp_path, [line(1)])
    before = path.read_bytes()
    pack(path)
    path.write_bytes(before)
    assert len(list(find_all(Question(), root=tmp_path))) == 1
    pack_old(tmp_path, today=TODAY)
    assert len(list(find_all(Question(), root=tmp_path))) == 1


def test_what_is_too_old_is_deleted(tmp_path: Path) -> None:
    for day in ("2026-10-01", "2026-11-20", "2026-11-24"):
        write_day(tmp_path, [line(1)], day=day)
    delete_old(tmp_path, today=TODAY, days=30, most=10**9)
    assert left(tmp_path) == ["2026-11-20.log", "2026-11-24.log"]


@pytest.mark.parametrize(("most", "kept"), [(10**9, 3), (700, 2), (1, 1)])
def test_what_is_too_much_is_deleted_oldest_first_and_never_today(
    tmp_path: Path, most: int, kept: int
) -> None:
    for day in ("2026-11-22", "2026-11-23", "2026-11-24"):
        write_day(tmp_path, [line(1)], day=day)
    delete_old(tmp_path, today=TODAY, days=90, most=most)
    assert left(tmp_path) == ["2026-11-22.log", "2026-11-23.log", "2026-11-24.log"][3 - kept :]
