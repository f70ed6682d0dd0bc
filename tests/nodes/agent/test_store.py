"""The files in `node/`: what a restart finds, also after a power cut."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import files
from nodes.agent.errors import (
    DocumentError,
)
from nodes.agent.membership import Membership
from nodes.agent.record import Record
from nodes.agent.state import State
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.members import MakeMember, alone, entry, found, joined, pin
from tests.nodes.agent.members import document as state_of


def test_files_are_what_a_restart_finds(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    joined(leader, worker)
    again = make_member(2)
    assert again.holding == worker.holding


def test_record_is_for_everyone_and_the_state_is_not(leader: Membership, tmp_path: Path) -> None:
    leader.lead(alone(leader))
    modes = {
        name: stat.S_IMODE((tmp_path / "1" / name).stat().st_mode)
        for name in ("node.json", "state.jws")
    }
    assert modes == {"node.json": 0o644, "state.jws": 0o600}


def test_record_holds_no_secret(leader: Membership, tmp_path: Path) -> None:
    leader.lead(alone(leader))
    text = (tmp_path / "1" / "node.json").read_text()
    private = [path.read_text().strip() for path in (tmp_path / "1").glob("*.key")]
    assert len(private) == 3
    assert not any(secret in text for secret in private)


def test_new_name_of_the_machine_is_taken_at_the_next_start(
    leader: Membership, tmp_path: Path
) -> None:
    assert leader.record.fqdn == "node1.example.org"
    assert Membership(tmp_path / "1", fqdn="new.example.org").record.fqdn == "new.example.org"


def test_member_is_called_as_its_cluster_calls_it(leader: Membership, tmp_path: Path) -> None:
    leader.lead(alone(leader))
    renamed = Membership(tmp_path / "1", fqdn="new.example.org")
    assert renamed.record.fqdn == "node1.example.org"
    assert renamed.record.role == "leader"


class PowerCut(BaseException):
    """The machine stops between two writes."""


@pytest.fixture
def cut_after(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the n-th write to the disk be the last."""

    real = files.replace

    def arm(writes: int) -> None:
        left = [writes]

        def replace(path: Path, content: str, *, mode: int) -> None:
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            real(path, content, mode=mode)

        monkeypatch.setattr(files, "replace", replace)

    yield arm
    monkeypatch.undo()


@pytest.mark.parametrize("writes", [0, 1])
def test_power_cut_in_adopt_leaves_the_node_uninitialised(
    leader: Membership, worker: Membership, make_member: MakeMember, cut_after: Any, writes: int
) -> None:
    jws = found(leader, worker)
    cut_after(writes)
    with pytest.raises(PowerCut):
        worker.adopt(jws, node_id=2, leader=pin(leader))
    cut_after(9)
    again = make_member(2)
    assert again.record == Record(fqdn="node2.example.org")
    assert again.holding.state is None


def test_power_cut_in_admission_is_made_up_for_by_the_next_answer(
    leader: Membership, worker: Membership, make_member: MakeMember, cut_after: Any
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    jws = leader.sign(make_document(entry(leader, 1), entry(worker, 2), generation=3))
    cut_after(1)
    with pytest.raises(PowerCut):
        worker.receive(jws)
    cut_after(9)
    again = make_member(2)
    assert (again.record.role, again.holding.generation) == ("uninitialised", 3)
    again.confirm()
    assert again.record.role == "worker"


def test_power_cut_in_sign_gives_the_same_answer_afterwards(
    leader: Membership, make_member: MakeMember, cut_after: Any
) -> None:
    leader.lead(alone(leader))
    cut_after(0)
    with pytest.raises(PowerCut):
        leader.sign(alone(leader, generation=2))
    cut_after(9)
    again = make_member(1)
    assert again.holding.generation == 1
    assert again.sign(alone(leader, generation=2))


@pytest.mark.parametrize("damage", ["", "nonsense", "a.b.c"])
def test_lost_state_is_fetched_again(
    leader: Membership,
    worker: Membership,
    make_member: MakeMember,
    tmp_path: Path,
    damage: str,
) -> None:
    joined(leader, worker)
    (tmp_path / "2" / "state.jws").write_text(damage)
    again = make_member(2)
    assert (again.record.role, again.holding.generation) == ("worker", 0)
    again.receive(leader.holding.jws)
    assert again.holding.generation == 3


def test_every_change_is_told(make_member: MakeMember) -> None:
    told: list[str] = []
    leader = make_member(1, on_change=lambda: told.append("x"))
    leader.lead(alone(leader))
    leader.sign(alone(leader, generation=2))
    leader.sign(alone(leader, generation=2))
    assert len(told) == 2


def test_record_reads_back_as_it_was_written(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    assert Record.from_json(worker.record.to_json()) == worker.record
    assert json.loads(worker.record.to_json())["schema"] == 1


def test_state_parses_to_its_members(leader: Membership, worker: Membership) -> None:
    state = State.parse(state_of(leader, worker))
    assert state.leading.id == 1
    assert state.find(3) is None


def test_malformed_state_is_a_document_error(leader: Membership) -> None:
    with pytest.raises(DocumentError):
        leader.lead({"schema": 1})
