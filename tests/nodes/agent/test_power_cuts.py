"""A power cut between any two writes of a change of leadership: what is told is on the disk, and
what is on the disk is whole.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import files
from nodes.agent.history import Successor
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember

Arm = Callable[[int], None]


class PowerCut(BaseException):
    """The machine stops between two writes."""


@pytest.fixture
def cut_after(monkeypatch: pytest.MonkeyPatch) -> Arm:
    """Let the n-th change on the disk be the last."""
    left = [10**6]

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def change(path: Path, *arguments: Any, **options: Any) -> None:
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            real(path, *arguments, **options)

        return change

    for name in ("replace", "remove"):
        monkeypatch.setattr(files, name, counted(getattr(files, name)))
    return lambda writes: left.__setitem__(0, writes)


@pytest.fixture
def fleet(make_member: MakeMember) -> Fleet:
    return Fleet(make_member)


@pytest.mark.parametrize(("writes", "role", "term"), [(0, "worker", 1), (1, "leader", 2)])
def test_taking_the_lead(
    fleet: Fleet, make_member: MakeMember, cut_after: Arm, writes: int, role: str, term: int
) -> None:
    link = fleet[1].hand_over(to=2, generation=3)
    document = fleet.document(term=2, leader=2, handover=link)
    cut_after(writes)
    with pytest.raises(PowerCut):
        fleet[2].lead(document)
    cut_after(99)
    again = make_member(2)
    assert (again.record.role, again.record.term) == (role, term)
    fleet[3].receive(again.lead(document))
    assert again.record.role == "leader"
    assert make_member(2).record.role == "leader"


def test_handing_over(fleet: Fleet, make_member: MakeMember, cut_after: Arm) -> None:
    cut_after(0)
    with pytest.raises(PowerCut):
        fleet[1].hand_over(to=2, generation=3)
    cut_after(99)
    again = make_member(1)
    assert again.record.role == "leader"
    assert again.hand_over(to=2, generation=3)["term"] == 2


@pytest.mark.parametrize("writes", [0, 1])
def test_following_the_new_leader(
    fleet: Fleet, make_member: MakeMember, cut_after: Arm, writes: int
) -> None:
    jws = fleet.hand_over(2)
    cut_after(writes)
    with pytest.raises(PowerCut):
        fleet[3].receive(jws)
    cut_after(99)
    again = make_member(3)
    again.receive(jws)
    assert again.record == make_member(3).record
    assert (again.record.term, again.record.leader and again.record.leader.id) == (2, 2)


def test_old_leader_following_the_new_one(
    fleet: Fleet, make_member: MakeMember, cut_after: Arm
) -> None:
    jws = fleet.hand_over(2)
    cut_after(0)
    with pytest.raises(PowerCut):
        fleet[1].receive(jws)
    cut_after(99)
    again = make_member(1)
    again.receive(jws)
    assert again.record == make_member(1).record
    assert (again.record.role, again.record.term) == ("worker", 2)


@pytest.mark.parametrize("writes", [0, 1])
def test_following_by_roots_word(
    fleet: Fleet, make_member: MakeMember, cut_after: Arm, writes: int
) -> None:
    fleet[3].follow(node_id=2, by="root")
    jws = fleet.force(2)
    cut_after(writes)
    with pytest.raises(PowerCut):
        fleet[3].receive(jws)
    cut_after(99)
    again = make_member(3)
    again.receive(jws)
    assert (again.record.term, again.record.approvals) == (2, ())
    assert len(again.record.deeds) == 1


@pytest.mark.parametrize("writes", [0, 1])
def test_deposed_leader_following_one_of_its_own_term(
    make_member: MakeMember, cut_after: Arm, writes: int
) -> None:
    fleet = Fleet(make_member)
    jws = fleet.force(2)
    fleet.force(3)
    fleet[3].depose(Successor(id=2, fqdn="", console_url="", term=2), seen=fleet[3].holding)
    fleet[3].follow(node_id=2, by="admin")
    cut_after(writes)
    with pytest.raises(PowerCut):
        fleet[3].receive(jws)
    cut_after(99)
    again = make_member(3)
    assert again.record.role == "worker"
    again.receive(jws)
    assert (again.record.leader and again.record.leader.id, again.record.approvals) == (2, ())


@pytest.mark.parametrize(("writes", "role"), [(0, "worker"), (1, "removed")])
def test_being_removed(
    fleet: Fleet, make_member: MakeMember, cut_after: Arm, writes: int, role: str
) -> None:
    """S20: nothing of the state is left beside a record that says removed."""
    key = fleet[3].keys.public.identity_key
    farewell = fleet[1].farewell(node_id=3, identity_key=key)
    cut_after(writes)
    with pytest.raises(PowerCut):
        fleet[3].depart(farewell, handover=None)
    cut_after(99)
    again = make_member(3)
    assert again.record.role == role
    assert (again.keys.wireguard_path.parent / "state.jws").exists() == (role == "worker")


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_clean_start(fleet: Fleet, make_member: MakeMember, cut_after: Arm, writes: int) -> None:
    before = fleet[3].keys.public
    farewell = fleet[1].farewell(node_id=3, identity_key=before.identity_key)
    fleet[3].depart(farewell, handover=None)
    cut_after(writes)
    with pytest.raises(PowerCut):
        fleet[3].clean_start()
    cut_after(99)
    again = make_member(3)
    assert again.record.role == "removed"
    again.clean_start()
    assert again.record.role == "uninitialised"
    assert again.keys.public.identity_key != before.identity_key


def test_what_was_half_written_is_cleared_away(fleet: Fleet, make_member: MakeMember) -> None:
    """A sealed state that was being written when the power went."""
    directory = fleet[3].keys.wireguard_path.parent
    (directory / ".state.jws.0badcafe").write_text("sealed")
    make_member(3)
    assert list(directory.glob(".state.jws.*")) == []
