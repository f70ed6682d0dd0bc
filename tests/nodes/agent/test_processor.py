"""The share of the processors' time that was used, over five minutes."""

from pathlib import Path

from nodes.agent.processor import Processor


def write(path: Path, *, busy: int, idle: int) -> None:
    path.write_text(f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 {busy} 0 0 {idle} 0 0 0 0 0 0\n")


def test_first_look_has_nothing_to_compare_with(tmp_path: Path) -> None:
    write(tmp_path / "stat", busy=5, idle=5)

    assert Processor(tmp_path / "stat").used_percent(0) is None


def test_share_is_of_the_time_between_two_looks(tmp_path: Path) -> None:
    processor = Processor(tmp_path / "stat")
    write(tmp_path / "stat", busy=1000, idle=0)
    processor.used_percent(0)
    write(tmp_path / "stat", busy=1025, idle=75)

    assert processor.used_percent(15) == 25


def test_share_is_of_the_last_five_minutes(tmp_path: Path) -> None:
    processor = Processor(tmp_path / "stat")
    write(tmp_path / "stat", busy=0, idle=0)
    processor.used_percent(0)
    write(tmp_path / "stat", busy=100, idle=0)
    processor.used_percent(100)
    write(tmp_path / "stat", busy=100, idle=100)

    assert processor.used_percent(310) == 0


def test_waiting_for_disks_is_no_use_and_guests_are_counted_once(tmp_path: Path) -> None:
    processor = Processor(tmp_path / "stat")
    (tmp_path / "stat").write_text("cpu  0 0 0 0 0 0 0 0 0 0\n")
    processor.used_percent(0)
    (tmp_path / "stat").write_text("cpu  10 0 0 60 30 0 0 0 10 0\n")

    assert processor.used_percent(15) == 10
