"""A planned promotion takes a sealed export of the audit trail along (S59)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive import travelling
from audit.archive.importing import import_archive
from audit.archived import directory
from audit.export.service import export_everything
from audit.models import AuditEvent, ImportedArchive, ImportedEvent
from cluster import follow_ups, freeze, old_trail
from cluster.models import FollowUp, Operation
from cluster.tasks import fetch_trail, seal_trail
from cluster.transport import Answer, Line, Unreachable, WrongCertificate
from config.settings import CELERY_BEAT_SCHEDULE
from nodes.local_agent import AgentUnavailable
from tests.audit.factories import make_event
from tests.cluster.factories import carry_on
from tests.cluster.pairs import UUID, CandidateCalls, Pair

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


@dataclass
class OldLeader:
    """Implements ``Transport`` towards node 1, whose web answers as the real one does."""

    pair: Pair
    offsets: list[int] = field(default_factory=list)
    reachable: bool = True
    change: Callable[[Json], Json] = lambda body: body

    @contextmanager
    def open_line(self, url: str, *, fingerprint: str) -> Iterator[Line]:
        if not self.reachable:
            raise Unreachable("connection refused")
        yield self

    def call(self, method: str, url: str, **_: Any) -> Answer:
        raise AssertionError(f"nobody asks {url}")

    def post(self, path: str, body: Mapping[str, Any], *, token: str) -> Answer:
        self.offsets.append(body["offset"])
        self.pair.become(1)
        try:
            answer = self.pair.call("audit_export", body, by=2, audience=f"{UUID}/1")
        finally:
            self.pair.become(2)
        return Answer(answer.status_code, self.change(answer.json()))


@pytest.fixture
def promoted(
    pair: Pair, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Operation]:
    """Node 2 leads, and its operation has ended."""
    monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", tmp_path)

    def promote(**wanted: Any) -> Operation:
        settings.TRANSPORT = CandidateCalls(pair)
        for number in range(5):
            make_event(details={"number": number})
        operation = carry_on(pair.promote(**wanted))
        pair.spread()
        carry_on(operation)
        pair.become(2)
        freeze.thaw()  # the new leader's own database never was
        follow_ups.note(FollowUp.Kind.AUDIT_TRAIL, subject="node1", detail="On its way.")
        return operation

    return promote


@pytest.fixture
def old(pair: Pair, settings: Any, monkeypatch: pytest.MonkeyPatch, promoted: Any) -> OldLeader:
    """Node 1, whose Celery does at once what its web sends."""
    made = OldLeader(pair)

    def send(task: str, operation_id: str = "", **_: Any) -> None:
        if task == seal_trail.name:
            seal_trail(operation_id)

    monkeypatch.setattr(old_trail, "send", send)
    monkeypatch.setattr("cluster.tasks.send", send)
    return made


def open_there(tmp_path: Path) -> ImportedArchive:
    """An export that was looked into on the node that leads still."""
    path = tmp_path / "older.zip"
    path.write_bytes(b"".join(export_everything(actor=Actor.root()).chunks))
    return import_archive(path, actor=Actor.root())[0]


def forget_imported() -> None:
    """The new leader's database is another one."""
    ImportedEvent.objects.all().delete()
    ImportedArchive.objects.all().delete()


def expected_follow_up() -> FollowUp:
    return FollowUp.objects.get(kind=FollowUp.Kind.AUDIT_TRAIL)


def test_export_is_fetched_in_pieces_and_imported(
    promoted: Any, old: OldLeader, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_trail, "PIECE", 300)
    monkeypatch.setattr(old_trail, "PIECES", 3)
    operation = promoted(audit_export=True)
    settings.TRANSPORT = old

    for _ in range(30):
        fetch_trail()

    archive = ImportedArchive.objects.get()
    assert archive.signer == 1
    assert archive.name.startswith("node1 (node1.example.org) until ")
    assert ImportedEvent.objects.filter(action=AuditAction.NODE_CHANGED).count() == 5
    assert expected_follow_up().settled_by == "system"
    assert list(directory().iterdir()) == []
    assert old.offsets[:4] == [0, 0, 300, 600]
    operation.refresh_from_db()
    assert operation.data[old_trail.ENDED] == ""


def test_archives_opened_on_the_old_leader_come_along(
    promoted: Any, old: OldLeader, settings: Any, tmp_path: Path
) -> None:
    make_event()
    opened = open_there(tmp_path)
    promoted(audit_export=True)
    settings.TRANSPORT = old
    fetch_trail()
    forget_imported()

    fetch_trail()

    came = ImportedArchive.objects.get(digest=opened.digest)
    assert (came.name, came.signer, came.manifest) == ("older.zip", 1, opened.manifest)
    assert came.events.count() == opened.count > 0
    assert ImportedArchive.objects.count() == 2
    assert expected_follow_up().settled_by == "system"
    assert list(directory().iterdir()) == []


def test_follow_up_says_how_many_archives_have_come(
    promoted: Any,
    old: OldLeader,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    open_there(tmp_path)
    promoted(audit_export=True)
    settings.TRANSPORT, said = old, list[str]()

    def look(_: object) -> bool:
        said.append(expected_follow_up().detail)
        return True

    monkeypatch.setattr(travelling, "_is_here", look)

    fetch_trail()
    fetch_trail()

    assert said == ["It is here itself; of 1 archives that were opened there, 0 are here."]


def test_archive_that_could_not_be_read_is_said_where_people_look(
    promoted: Any,
    old: OldLeader,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    open_there(tmp_path)
    promoted(audit_export=True)
    settings.TRANSPORT = old
    monkeypatch.setattr(travelling, "enclose", lambda path: None)
    fetch_trail()
    forget_imported()

    fetch_trail()

    assert "opened there, 1 could not be read here" in expected_follow_up().detail
    assert expected_follow_up().settled_at is None
    assert ImportedArchive.objects.count() == 1


def test_export_is_recorded_on_the_old_leader_by_name(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT = old

    fetch_trail()
    fetch_trail()

    event = AuditEvent.objects.get(action=AuditAction.AUDIT_EXPORTED)
    assert (event.user, event.details["format"]) == ("alice", "sealed")


def test_without_the_promise_nothing_is_given(
    promoted: Any, old: OldLeader, pair: Pair, settings: Any
) -> None:
    operation = promoted()
    settings.TRANSPORT = old
    body = {"operation": str(operation.pk), "offset": 0}

    answer = old.post("", body, token="")
    fetch_trail()

    assert (answer.status, answer.body["code"]) == (404, "audit_export_not_promised")
    assert not ImportedArchive.objects.exists()
    assert expected_follow_up().settled_at is None


def test_only_the_leader_is_given_it(promoted: Any, pair: Pair) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)
    body = {"operation": str(operation.pk), "offset": 0}

    answer = pair.call("audit_export", body, by=1, audience=f"{UUID}/1")

    assert answer.status_code == 401


def test_old_leader_that_is_away_is_asked_again_for_a_day(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.reachable = old, False
    fetch_trail()
    assert expected_follow_up().settled_at is None
    assert old_trail.find_expected() is not None

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert old_trail.find_expected() is None
    old.reachable = True
    fetch_trail()
    fetch_trail()

    assert ImportedArchive.objects.count() == 1


def spoil(body: Json) -> Json:
    """Another letter in the middle of the piece."""
    piece = body.get("piece") or ""
    middle = len(piece) // 2
    other = "A" if piece[middle : middle + 1] != "A" else "B"
    return {**body, "piece": piece and piece[:middle] + other + piece[middle + 1 :]}


def test_damaged_export_is_no_archive_and_the_follow_up_says_so(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, spoil

    fetch_trail()
    fetch_trail()

    assert not ImportedArchive.objects.exists()
    assert "could not be taken along" in expected_follow_up().detail
    assert expected_follow_up().settled_at is None
    assert old_trail.find_expected() is None


def test_archive_that_could_not_travel_is_left_to_somebody(
    promoted: Any, old: OldLeader, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.export.service.archives_before", lambda event_id: ([], 40))
    promoted(audit_export=True)
    settings.TRANSPORT = old

    fetch_trail()
    fetch_trail()

    assert ImportedArchive.objects.count() == 1
    assert "archives up to event 40 are missing or damaged" in expected_follow_up().detail
    assert expected_follow_up().settled_at is None


def test_answer_that_was_lost_at_the_very_end_is_asked_for_again(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    """The old leader has removed its file by then, and makes no other one."""
    promoted(audit_export=True)
    settings.TRANSPORT, lost = old, list[Json]()

    def lose_the_first_end(body: Json) -> Json:
        if body["size"] and not body["piece"] and not lost:
            lost.append(body)
            raise Unreachable("the line broke")
        return body

    old.change = lose_the_first_end
    for _ in range(4):
        fetch_trail()

    assert len(lost) == 1
    assert ImportedArchive.objects.count() == 1
    assert AuditEvent.objects.filter(action=AuditAction.AUDIT_EXPORTED).count() == 1


def test_two_runs_at_once_fetch_each_piece_once(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    """Five seconds later the timer asks again, however long the last run takes."""
    promoted(audit_export=True)
    settings.TRANSPORT = old
    fetch_trail()

    def run_another(body: Json) -> Json:
        old.change = lambda body: body
        fetch_trail()
        return body

    old.change = run_another
    fetch_trail()

    assert len(old.offsets) == len(set(old.offsets)) + 1  # before it was made, the first was 0 too
    assert ImportedArchive.objects.count() == 1


def test_export_is_made_by_one_run_alone(
    promoted: Any, old: OldLeader, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)

    def make_another_meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(old_trail, "export_everything", export_everything)
        seal_trail(str(operation.pk))
        return export_everything(*given, **named)

    monkeypatch.setattr(old_trail, "export_everything", make_another_meanwhile)

    seal_trail(str(operation.pk))

    assert AuditEvent.objects.filter(action=AuditAction.AUDIT_EXPORTED).count() == 1
    assert [path.suffix for path in directory().iterdir()] == [".zip"]


def test_disk_is_not_filled_by_what_the_old_leader_says(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, lambda body: {**body, "size": 2**60}

    fetch_trail()

    assert "not enough space" in expected_follow_up().detail
    assert old_trail.find_expected() is None
    assert old.offsets == [0]


@pytest.mark.parametrize(
    "answer",
    [{"size": 900, "piece": ""}, {"size": 900, "piece": "?!"}, {"size": "large"}, {"size": True}],
    ids=["nothing", "no base64", "text", "truth"],
)
def test_answer_that_makes_no_sense_is_not_asked_for_again_at_once(
    promoted: Any, old: OldLeader, settings: Any, answer: Json
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, lambda body: answer

    fetch_trail()

    assert old.offsets == [0]
    assert old_trail.find_expected() is not None


def test_promise_to_another_node_is_none_to_the_leader(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    operation = promoted(audit_export=True)
    Operation.objects.filter(pk=operation.pk).update(node=1)

    answer = old.post("", {"operation": str(operation.pk), "offset": 0}, token="")

    assert (answer.status, answer.body["code"]) == (404, "audit_export_not_promised")


def test_export_that_a_crash_has_cut_short_is_made_anew(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)
    directory().mkdir()
    (directory() / f"outgoing-{operation.pk}.new").write_bytes(b"half of it")

    seal_trail(str(operation.pk))

    assert (directory() / f"outgoing-{operation.pk}.zip").read_bytes().startswith(b"PK")


def test_export_that_is_there_is_not_made_again(promoted: Any, old: OldLeader, pair: Pair) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)

    for _ in range(2):
        seal_trail(str(operation.pk))

    assert [path.suffix for path in directory().iterdir()] == [".zip"]


def test_promotion_that_goes_on_fetches_nothing_yet(promoted: Any, old: OldLeader) -> None:
    operation = promoted(audit_export=True)
    Operation.objects.filter(pk=operation.pk).update(state="running", ended_at=None, secret="")

    assert old_trail.find_expected() is None


@pytest.mark.parametrize(
    "error",
    [Unreachable("gone"), WrongCertificate("another"), AgentUnavailable(problem="gone")],
    ids=["away", "another", "agent"],
)
def test_failure_on_the_way_ends_no_task(
    promoted: Any, old: OldLeader, settings: Any, error: Exception
) -> None:
    def fail(body: Json) -> Json:
        raise error

    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, fail

    fetch_trail()

    assert old_trail.find_expected() is not None
    assert old.offsets == [0]


def test_follow_up_of_another_trail_says_what_it_said(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    operation = promoted(audit_export=True)
    follow_ups.note(FollowUp.Kind.AUDIT_TRAIL, subject="node7", detail="Another.")
    settings.TRANSPORT, old.change = old, lambda body: {**body, "size": 2**60}

    fetch_trail()

    assert FollowUp.objects.get(subject="node7").detail == "Another."
    operation.refresh_from_db()
    assert {old_trail.ENDED} < set(operation.data)


def test_what_came_and_is_not_wanted_any_more_is_removed(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    promoted(audit_export=True)
    directory().mkdir()
    (directory() / "incoming-1.zip").touch()

    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        fetch_trail()

    assert list(directory().iterdir()) == []


def test_what_nobody_came_for_is_removed_on_the_old_leader(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)
    seal_trail(str(operation.pk))
    fetch_trail()
    assert len(list(directory().iterdir())) == 1

    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        fetch_trail()

    assert list(directory().iterdir()) == []


def test_worker_fetches_nothing(promoted: Any, old: OldLeader, pair: Pair, settings: Any) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT = old
    pair.become(1)

    fetch_trail()

    assert old.offsets == []


def test_fetching_is_on_the_schedule() -> None:
    assert fetch_trail.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}
