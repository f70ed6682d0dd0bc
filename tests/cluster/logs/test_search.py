"""What is found in the logs of several nodes, and in which order."""

import struct
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cluster.logs import packing
from cluster.logs.cursor import NoCursor
from cluster.logs.packing import pack, read_frames
from cluster.logs.question import Question
from cluster.logs.salvage import find_frames
from cluster.logs.search import Findings, find, find_all
from cluster.logs.store import list_files
from tests.cluster.logs.days import everything, line, ticks, write_day

SEEKABLE = struct.pack("<IBI", 2**31, 0, packing.SEEKABLE)
"""The end of a packed file, with a table that cannot be."""


def said(found: Findings) -> list[str]:
    return [record.message for record in found.records]


def test_newest_is_first_across_nodes_and_days(tmp_path: Path) -> None:
    write_day(tmp_path, [line(1), line(3)], node=2)
    write_day(tmp_path, [line(2), line(4)], node=3)
    yesterday = datetime(2026, 11, 21, 23, tzinfo=UTC)
    write_day(tmp_path, [line(0, begin=yesterday, message="old")], day="2026-11-21")
    found = find(Question(), limit=10, root=tmp_path)
    assert said(found) == ["line 4", "line 3", "line 2", "line 1", "old"]
    assert [record.node for record in found.records] == [3, 2, 3, 2, 2]
    assert found.cursor is None


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("limit", [1, 7, 500])
def test_pages_have_each_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, is_packed: bool
) -> None:
    """Also where a page ends within a block, and where a block ends within a line."""
    monkeypatch.setattr("cluster.logs.reading.BLOCK", 1000)
    monkeypatch.setattr(packing, "FRAME", 1000)
    for node in (2, 3):
        numbers = range(node, 60, 2)
        path = write_day(tmp_path, [line(number) for number in numbers], node=node)
        if is_packed:
            packing.pack(path)
    expected = [f"line {number}" for number in reversed(range(2, 60))]
    assert everything(tmp_path, Question(), limit=limit) == expected


def test_line_that_was_sent_twice_is_shown_once(tmp_path: Path) -> None:
    repeated = [line(1), line(2), line(9, id="1", message="line 1"), line(10)]
    write_day(tmp_path, repeated)
    assert everything(tmp_path, Question(), limit=500) == ["line 10", "line 1", "line 2"]
    assert everything(tmp_path, Question(), limit=1) == ["line 10", "line 1", "line 2"]


def test_line_that_arrives_between_two_pages_moves_nothing(tmp_path: Path) -> None:
    path = write_day(tmp_path, [line(1), line(2)])
    first = find(Question(), limit=1, root=tmp_path)
    with path.open("ab") as log:
        log.write(line(3))
    second = find(Question(), limit=1, cursor=first.cursor or "", root=tmp_path)
    assert said(first) + said(second) == ["line 2", "line 1"]


@pytest.mark.parametrize(
    "question",
    [
        Question(node=3),
        Question(program="cron"),
        Question(unit="cron.service"),
        Question(application="shop"),
        Question(severity="error"),
        Question(q="FAILED /etc"),
        Question(since=datetime(2026, 11, 22, 10, 0, 5, tzinfo=UTC)),
    ],
    ids=lambda question: next(name for name, value in vars(question).items() if value),
)
def test_each_filter_finds_what_it_names_alone(tmp_path: Path, question: Question) -> None:
    other = line(
        5,
        message="Failed /etc/x",
        program="cron",
        unit="cron.service",
        application="shop",
        severity="3",
    )
    write_day(tmp_path, [line(number) for number in range(5)])
    write_day(tmp_path, [other], node=3)
    assert everything(tmp_path, question, limit=10) == ["Failed /etc/x"]


def test_until_is_the_moment_before(tmp_path: Path) -> None:
    write_day(tmp_path, [line(number) for number in range(5)])
    question = Question(until=datetime(2026, 11, 22, 10, 0, 2, tzinfo=UTC))
    assert everything(tmp_path, question, limit=10) == ["line 1", "line 0"]


def test_when_time_is_up_the_answer_says_how_far_it_came_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.logs.reading.BLOCK", 1000)
    write_day(tmp_path, [line(number) for number in range(50)])
    clock = ticks()
    found = find(
        Question(q="line 0"), limit=5, root=tmp_path, budget=3, monotonic=lambda: next(clock)
    )
    assert found.records == []
    assert found.searched_back_to is not None
    rest = find(Question(q="line 0"), limit=5, root=tmp_path, cursor=found.cursor or "")
    assert said(rest) == ["line 0"]


def test_line_that_is_not_whole_yet_is_not_seen(tmp_path: Path) -> None:
    write_day(tmp_path, [line(1), line(2)[:-20]])
    assert everything(tmp_path, Question(), limit=5) == ["line 1"]


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    write_day(tmp_path, [b"\xff\xfe no record\n", line(1), b"[]\n", b'{"received":"x"}\n', line(2)])
    assert everything(tmp_path, Question(), limit=5) == ["line 2", "line 1"]


@pytest.mark.parametrize("content", [b"this was no zstd file", b"", b"x" * 8 + SEEKABLE], ids=len)
def test_damaged_file_hides_no_other_and_is_told(tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / "node3" / "2026-11-22.log.zst"
    damaged.parent.mkdir()
    damaged.write_bytes(content)
    write_day(tmp_path, [line(1)])
    found = find(Question(), limit=5, root=tmp_path)
    assert said(found) == ["line 1"]
    assert [(file.node, file.day) for file in found.damaged] == [(3, date(2026, 11, 22))]


def test_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "node3" / "2026-11-22.log").mkdir(parents=True)
    write_day(tmp_path, [line(1)])
    found = find(Question(), limit=5, root=tmp_path)
    assert said(found) == ["line 1"]
    assert [file.node for file in found.damaged] == [3]


@pytest.mark.parametrize("lost", [1, 9, 500, 1500])
def test_packed_day_without_its_end_is_read_as_far_as_it_goes_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """Each frame that is whole is still a frame."""
    monkeypatch.setattr(packing, "FRAME", 1000)
    path = pack(write_day(tmp_path, [line(number) for number in range(60)]))
    with path.open("rb") as file:
        frames = read_frames(file)
    path.write_bytes(path.read_bytes()[:-lost])
    whole = [frame for frame in frames if frame.place + frame.length <= path.stat().st_size]
    with path.open("rb") as file:
        assert find_frames(file) == (whole, False)
    found = find(Question(), limit=100, root=tmp_path)
    assert [record.message for record in reversed(found.records)] == [
        f"line {number}" for number in range(len(found.records))
    ]
    assert sum(len(line(number)) for number in range(len(found.records))) == whole[-1].end
    assert [file.node for file in found.damaged] == [2]


def test_day_that_is_packed_in_the_middle_of_a_search_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it was listed, and before it was opened."""
    path = write_day(tmp_path, [line(1), line(2)])
    listed = list(list_files(tmp_path))
    pack(path)
    monkeypatch.setattr("cluster.logs.walk.list_files", lambda root: listed)
    assert everything(tmp_path, Question(), limit=5) == ["line 2", "line 1"]


def test_day_that_is_deleted_in_the_middle_of_a_search_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_day(tmp_path, [line(1)])
    listed = list(list_files(tmp_path))
    path.unlink()
    monkeypatch.setattr("cluster.logs.walk.list_files", lambda root: listed)
    found = find(Question(), limit=5, root=tmp_path)
    assert (said(found), list(found.damaged)) == ([], [])


def test_damaged_part_of_a_day_hides_no_other(tmp_path: Path) -> None:
    numbers = range(1, 6001)
    packed = pack(write_day(tmp_path, [line(n, message=f"<{n}> {'x' * 200}") for n in numbers]))
    with packed.open("rb") as file:
        frames = read_frames(file)
    damaged = bytearray(packed.read_bytes())
    middle = frames[len(frames) // 2]
    damaged[middle.place + 8 : middle.place + middle.length] = bytes(middle.length - 8)
    packed.write_bytes(damaged)

    answer = find(Question(), limit=len(numbers), budget=60, root=tmp_path)
    found = said(answer)
    assert found[0].startswith("<6000>")
    assert found[-1].startswith("<1>")
    assert len(numbers) // 2 < len(found) < len(numbers)
    assert [file.node for file in answer.damaged] == [2]


@pytest.mark.parametrize("message", ["Straße", "\u017ftrasse", "STRASSE"])
def test_text_is_found_however_its_letters_are_written(tmp_path: Path, message: str) -> None:
    write_day(tmp_path, [line(1, message="MESSAGE").replace(b"MESSAGE", message.encode())])
    assert everything(tmp_path, Question(q="strasse"), limit=5) == [message]


def test_no_log_can_write_to_a_terminal_or_turn_text_around(tmp_path: Path) -> None:
    write_day(tmp_path, [line(1, message="\x1b[31mred\r\n\u202eevil\x9b", program="a\tb")])
    record = next(find_all(Question(), root=tmp_path))
    assert record.message == "\\u001b[31mred\\u000d\\u000a\\u202eevil\\u009b"
    assert record.program == "a\\u0009b"


@pytest.mark.parametrize("cursor", ["x", "....", "eJwDAAAAAAE", "ä", "eJyLjgUAARUAuQ"])
def test_cursor_that_was_never_handed_out_is_refused(tmp_path: Path, cursor: str) -> None:
    with pytest.raises(NoCursor):
        find(Question(), limit=5, cursor=cursor, root=tmp_path)
