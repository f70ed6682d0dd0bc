"""An old leader with an audit trail, and the new one that fetches it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cluster import follow_ups, freeze, old_trail
from cluster.models import FollowUp, Operation
from cluster.tasks import seal_trail
from cluster.transport import Answer, Line, Unreachable
from tests.audit.factories import make_event
from tests.cluster.factories import carry_on
from tests.cluster.pairs import UUID, CandidateCalls, Pair

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


def expected_follow_up() -> FollowUp:
    return FollowUp.objects.get(kind=FollowUp.Kind.AUDIT_TRAIL)
