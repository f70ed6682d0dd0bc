"""What an index changes about a search: how long it takes, and nothing else."""

import errno
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cluster.logs import packing, reading, walk
from cluster.logs.index import index_path, write_index
from cluster.logs.keeping import delete_old, index_packed, pack_old
from cluster.logs.marks import marks_of
from cluster.logs.packing import Frame, pack
from cluster.logs.question import Question
from cluster.logs.record import Record, read_record
from cluster.logs.search import find, find_all
from tests.cluster.logs.days import everything, line, write_day

LETTERS = "aAbBkKsS ßẞéÉİﬁ0-\u017f\u212a\u0131\u03c3\u03c2\t\u2028\u3000"
TEXTS = st.text(LETTERS, max_size=12)
NEEDLE = Question(q="needle 42")


@pytest.fixture(autouse=True)
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "FRAME", 1000)


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where the frames begin that are unpacked."""
    monkeypatch.setattr(walk, "REPEATED_WITHIN", 1000)
    begun: list[int] = []

    def note(file: BinaryIO, frame: Frame) -> bytes:
        begun.append(frame.begin)
        return packing.unpack(file, frame)

    monkeypatch.setattr(reading, "unpack", note)
    return begun


def packed_day(root: Path, *, day: str = "2026-11-22", at: int = 3) -> Path:
    """Sixty lines in some twenty frames, one of which says what is looked for."""
    numbers = range(60)
    lines = [
        line(n, message="the Needle 42" if n == at else f"hay {n}", unit=f"u{n // 10}.service")
        for n in numbers
    ]
    return pack(write_day(root, lines, day=day))


def indexed_day(root: Path) -> Path:
    path = packed_day(root)
    write_index(path)
    return path


def found(root: Path, question: Question = NEEDLE) -> list[str]:
    return [record.message for record in find_all(question, root=root)]


def read(raw: bytes) -> Record:
    record = read_record(raw, node=2)
    assert record
    return record


@given(message=TEXTS, q=TEXTS)
@example(message="Straße", q="STRASSE")
@example(message="\u212aELVIN", q="kelvin")
def test_text_that_fits_has_only_marks_that_the_message_has(message: str, q: str) -> None:
    record, question = read(line(1, message=message)), Question(q=q)
    if question.fits(record):
        assert question.marks <= marks_of([record])


@given(messages=st.lists(TEXTS, min_size=1, max_size=30), place=st.tuples(*[st.integers(0)] * 3))
@settings(max_examples=50, deadline=None)
def test_same_lines_are_found_in_the_same_order_with_an_index_and_without(
    messages: list[str], place: tuple[int, int, int]
) -> None:
    """Of texts that occur, written otherwise; page by page, and each line was sent twice."""
    chosen = messages[place[0] % len(messages)]
    begin = place[1] % (len(chosen) + 1)
    text = chosen[begin : begin + 1 + place[2] % 6].swapcase()
    with TemporaryDirectory() as directory:
        root = Path(directory)
        lines = [line(n, message=said) for n, said in enumerate(messages)]
        path = pack(write_day(root, lines + lines))
        without = found(root, Question(q=text))
        write_index(path)
        assert found(root, Question(q=text)) == without
        assert everything(root, Question(q=text), limit=2) == without


@pytest.mark.parametrize(
    "question",
    [
        NEEDLE,
        Question(q="NEEDLE", node=2, severity="info"),
        Question(q="needle", unit="u0.service"),
        Question(q="eed"),
    ],
    ids=["text", "node-severity", "unit", "short"],
)
def test_only_frames_that_can_hold_it_are_unpacked(
    tmp_path: Path, unpacked: list[int], question: Question
) -> None:
    indexed_day(tmp_path)
    first = find(question, limit=5, root=tmp_path)
    assert [record.message for record in first.records] == ["the Needle 42"]
    assert len(set(unpacked)) < 5
    assert first.cursor is None


@pytest.mark.parametrize(
    ("question", "count"),
    [
        (Question(unit="u3.service"), 10),
        (Question(unit="u9.service"), 0),
        (Question(severity="warning"), 0),
        (Question(severity="debug", unit="u3.service"), 10),
    ],
    ids=["unit", "no-unit", "severity", "all-severities"],
)
def test_filters_find_the_same_by_the_index(
    tmp_path: Path, unpacked: list[int], question: Question, count: int
) -> None:
    path = packed_day(tmp_path)
    without, frames = found(tmp_path, question), len(set(unpacked))
    unpacked.clear()
    write_index(path)
    assert found(tmp_path, question) == without
    assert len(without) == count
    assert len(set(unpacked)) < frames


def test_severity_finds_what_is_more_severe(tmp_path: Path) -> None:
    lines = [line(n, severity="1" if n == 5 else "6") for n in range(40)]
    write_index(pack(write_day(tmp_path, lines)))
    assert found(tmp_path, Question(severity="error")) == ["line 5"]


def test_text_of_one_or_two_letters_is_found_without_an_index(tmp_path: Path) -> None:
    indexed_day(tmp_path)
    assert found(tmp_path, Question(q="42")) == ["hay 42", "the Needle 42"]


def test_copy_of_a_line_is_left_out_by_the_index_too(tmp_path: Path) -> None:
    lines = [line(n, message="needle 42" if n in (5, 50) else "hay") for n in range(60)]
    lines[50] = line(50, message="needle 42", id="5")
    write_index(pack(write_day(tmp_path, lines)))
    assert found(tmp_path) == ["needle 42"]
    first = find(NEEDLE, limit=1, root=tmp_path)
    assert find(NEEDLE, limit=1, cursor=first.cursor or "", root=tmp_path).records == []


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "half-written": lambda whole: whole[: len(whole) // 2],
    "zeros": lambda whole: bytes(len(whole)),
    "zeros behind its head": lambda whole: whole[:4] + bytes(len(whole) - 4),
    "one byte": lambda whole: whole[:100] + bytes([whole[100] ^ 255]) + whole[101:],
    "shifted": lambda whole: whole[:4] + b"x" + whole[4:],
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda name: name.replace(" ", "-"))
def test_damaged_index_hides_nothing(tmp_path: Path, damage: str) -> None:
    path = index_path(indexed_day(tmp_path))
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert found(tmp_path) == ["the Needle 42"]


def test_every_byte_of_an_index_may_be_wrong(tmp_path: Path) -> None:
    path = index_path(indexed_day(tmp_path))
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] & 0x0F ^ 0x05]) + whole[at + 1 :])
        assert found(tmp_path) == ["the Needle 42"], at


def test_index_of_another_file_hides_nothing_and_is_made_anew(tmp_path: Path) -> None:
    """The same frames in the same places, of another time: somebody has replaced the file."""
    index_packed(tmp_path, seconds=60)
    path = indexed_day(tmp_path)
    stale = index_path(path).read_bytes()
    path.unlink()
    packed_day(tmp_path, at=55)
    os.utime(path, ns=(1, 1))
    assert found(tmp_path) == ["the Needle 42"]
    index_packed(tmp_path, seconds=60)
    assert index_path(path).read_bytes() != stale
    assert found(tmp_path) == ["the Needle 42"]


def test_days_that_an_earlier_release_packed_are_indexed_newest_first_by_and_by(
    tmp_path: Path,
) -> None:
    days = ("2026-11-20", "2026-11-21", "2026-11-22")
    paths = [packed_day(tmp_path, day=day) for day in days]
    clock = iter([0.0, 0.0, 5.0, *[10.0] * 9])
    index_packed(tmp_path, seconds=7, monotonic=lambda: next(clock))
    assert [index_path(path).exists() for path in paths] == [False, True, True]
    assert found(tmp_path) == ["the Needle 42"] * 3
    index_packed(tmp_path, seconds=7)
    assert index_path(paths[0]).exists()


def test_disk_that_is_full_leaves_no_half_index_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = (packed_day(tmp_path, day=day) for day in ("2026-11-20", "2026-11-21"))

    def fill(file: BinaryIO, frame: Frame) -> bytes:
        if str(newer) in str(file.name) and frame.begin:
            raise OSError(errno.ENOSPC, "No space left on device")
        return packing.unpack(file, frame)

    monkeypatch.setattr("cluster.logs.index.unpack", fill)
    index_packed(tmp_path, seconds=60)
    assert list(tmp_path.rglob("*.index")) == [index_path(older)]


def test_index_that_fits_is_not_made_again(tmp_path: Path) -> None:
    path = index_path(indexed_day(tmp_path))
    before = path.stat().st_mtime_ns
    index_packed(tmp_path, seconds=60)
    assert path.stat().st_mtime_ns == before


def test_open_days_have_no_index(tmp_path: Path) -> None:
    write_day(tmp_path, [line(1)], day="2026-11-24")
    pack_old(tmp_path, today=date(2026, 11, 24))
    index_packed(tmp_path, seconds=60)
    assert not list(tmp_path.rglob("*.index"))


def test_index_is_an_eighth_of_its_day_at_most_about(tmp_path: Path) -> None:
    path = indexed_day(tmp_path)
    frames = 60 // 3
    assert index_path(path).stat().st_size <= path.stat().st_size / 8 + 5 * frames + 4


def test_index_is_deleted_with_its_day(tmp_path: Path) -> None:
    indexed_day(tmp_path)
    delete_old(tmp_path, today=date(2026, 11, 24), days=1, most=10**9)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_index_of_a_day_that_somebody_has_deleted_goes_too(tmp_path: Path) -> None:
    indexed_day(tmp_path).unlink()
    index_packed(tmp_path, seconds=60)
    assert not list(tmp_path.rglob("*.index"))


def test_index_counts_as_what_is_kept(tmp_path: Path) -> None:
    path = indexed_day(tmp_path)
    size = path.stat().st_size
    delete_old(tmp_path, today=date(2026, 11, 24), days=90, most=size)
    assert not path.exists()


@pytest.mark.usefixtures("unpacked")
def test_damaged_frame_is_read_whatever_is_looked_for(tmp_path: Path) -> None:
    """So that it is said: who knows what was in it."""
    path = packed_day(tmp_path)
    with path.open("rb") as file:
        frame = packing.read_frames(file)[4]
    damaged = bytearray(path.read_bytes())
    damaged[frame.place + 8 : frame.place + frame.length] = bytes(frame.length - 8)
    path.write_bytes(damaged)
    write_index(path)
    answer = find(NEEDLE, limit=5, root=tmp_path)
    assert [record.message for record in answer.records] == ["the Needle 42"]
    assert [file.day for file in answer.damaged] == [date(2026, 11, 22)]
