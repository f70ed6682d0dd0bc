"""How a node comes to lead or follow a cluster, and how it stops."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import document, files
from nodes.agent.errors import (
    AlreadyMember,
    DocumentError,
    ForeignCluster,
    GenerationIsOld,
    GenerationNotNewer,
    LeaderCannotLeave,
    NothingSealed,
    NotLeader,
    NotListed,
    Pledged,
    SignatureInvalid,
)
from nodes.agent.membership import Membership
from nodes.agent.record import Record
from nodes.agent.sealing import seal
from nodes.agent.state import State
from nodes.agent.tokens import read_unverified
from tests.nodes.agent.documents import CLUSTER, FOREIGN_CLUSTER, make_cluster, make_document
from tests.nodes.agent.members import MakeMember, entry, found, joined, pin
from tests.nodes.agent.members import document as state_of


def alone(leader: Membership, **changes: Any) -> dict[str, Any]:
    return make_document(entry(leader, 1), **changes)


# Leading


def test_lead_makes_this_node_the_leader(leader: Membership) -> None:
    jws = leader.lead(alone(leader))
    assert document.verify(jws, keys={1: leader.keys.public.identity_key})
    assert (leader.record.role, leader.record.node_id, leader.record.term) == ("leader", 1, 1)
    assert leader.record.leader is not None
    assert leader.record.leader.fqdn == "node1.example.org"


def test_lead_again_gives_the_same_answer(leader: Membership) -> None:
    first = leader.lead(alone(leader))
    assert leader.lead(alone(leader, issued_at="2026-11-22T11:11:11Z")) == first


def test_leader_founds_no_second_cluster(leader: Membership) -> None:
    leader.lead(alone(leader))
    with pytest.raises(AlreadyMember):
        leader.lead(alone(leader, cluster=make_cluster(uuid=FOREIGN_CLUSTER)))


def test_node_leads_only_with_its_own_keys(leader: Membership, worker: Membership) -> None:
    with pytest.raises(NotListed):
        leader.lead(make_document(entry(worker, 1)))
    assert leader.record.role == "uninitialised"


def test_sign_holds_the_next_generation(leader: Membership) -> None:
    leader.lead(alone(leader))
    jws = leader.sign(alone(leader, generation=2))
    assert leader.holding.jws == jws
    assert leader.holding.generation == 2


def test_sign_again_gives_what_was_signed_before(leader: Membership) -> None:
    leader.lead(alone(leader))
    jws = leader.sign(alone(leader, generation=2))
    assert leader.sign(alone(leader, generation=2, issued_at="2026-11-22T11:11:11Z")) == jws


def test_lower_generation_is_not_signed(leader: Membership) -> None:
    leader.lead(alone(leader))
    leader.sign(alone(leader, generation=2))
    with pytest.raises(GenerationNotNewer):
        leader.sign(alone(leader, generation=1))


@pytest.mark.parametrize(
    "change", [{"term": 2}, {"cluster": make_cluster(uuid=FOREIGN_CLUSTER)}], ids=["term", "uuid"]
)
def test_state_of_something_else_is_not_signed(leader: Membership, change: dict[str, Any]) -> None:
    leader.lead(alone(leader))
    with pytest.raises(NotLeader):
        leader.sign(alone(leader, generation=2, **change))


def test_worker_signs_nothing(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    with pytest.raises(NotLeader):
        worker.sign(state_of(leader, worker, generation=4))


def test_leader_signs_no_state_with_other_keys_of_its_own(
    leader: Membership, worker: Membership
) -> None:
    leader.lead(alone(leader))
    with pytest.raises(NotListed):
        leader.sign(make_document(entry(worker, 1), generation=2))


# Joining


def test_adopt_waits_for_the_leader(leader: Membership, worker: Membership) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    assert worker.record.role == "uninitialised"
    assert worker.record.is_joining
    assert worker.record.own_id == 2
    assert worker.record.cluster == CLUSTER


def test_adopt_is_safe_to_repeat(leader: Membership, worker: Membership) -> None:
    jws = found(leader, worker)
    worker.adopt(jws, node_id=2, leader=pin(leader))
    worker.pledge()
    worker.adopt(jws, node_id=2, leader=pin(leader))
    assert worker.record.joining is not None
    assert worker.record.joining.pledged


def test_adopt_of_another_cluster_is_refused_while_joining(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    other = make_member(3)
    nodes = [entry(other, 1), entry(worker, 2)]
    foreign = make_document(*nodes, cluster=make_cluster(uuid=FOREIGN_CLUSTER))
    with pytest.raises(AlreadyMember):
        worker.adopt(other.lead(foreign), node_id=2, leader=pin(other))


def test_adopt_needs_the_leaders_signature(leader: Membership, worker: Membership) -> None:
    with pytest.raises(SignatureInvalid):
        worker.adopt(found(leader, worker), node_id=2, leader=pin(worker))
    assert not worker.record.is_joining


@pytest.mark.parametrize("node_id", [1, 3])
def test_adopt_needs_our_own_keys_under_our_number(
    leader: Membership, worker: Membership, node_id: int
) -> None:
    with pytest.raises(NotListed):
        worker.adopt(found(leader, worker), node_id=node_id, leader=pin(leader))


def test_joining_node_stays_with_the_way_that_the_code_led_to(
    leader: Membership, worker: Membership
) -> None:
    way = pin(leader, console_url="https://leader.example.org/", tls_fingerprint="ab" * 32)
    worker.adopt(found(leader, worker), node_id=2, leader=way)
    worker.receive(leader.sign(state_of(leader, worker, generation=3)))
    assert worker.record.leader is not None
    assert worker.record.leader.console_url == "https://leader.example.org"
    assert worker.record.leader.tls_fingerprint == "ab" * 32


def test_state_that_shows_it_active_admits_the_node(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    assert (worker.record.role, worker.record.node_id) == ("worker", 2)
    assert worker.record.joining is None


def test_confirmation_admits_where_the_adopted_state_already_did(
    leader: Membership, worker: Membership
) -> None:
    leader.lead(alone(leader))
    jws = leader.sign(make_document(entry(leader, 1), entry(worker, 2), generation=2))
    worker.adopt(jws, node_id=2, leader=pin(leader))
    assert worker.record.role == "uninitialised"
    worker.confirm()
    assert worker.record.role == "worker"


def test_tokens_carry_the_number_as_soon_as_there_is_one(
    leader: Membership, worker: Membership
) -> None:
    before = read_unverified(worker.token(audience=CLUSTER)).issuer
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    after = read_unverified(worker.token(audience=CLUSTER)).issuer
    assert (before, after) == ("new", "2")


# The pledge


def test_before_the_pledge_a_node_may_leave(leader: Membership, worker: Membership) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.leave(reason="The leader did not answer.")
    assert worker.record == Record(fqdn="node2.example.org", reason="The leader did not answer.")


def test_after_the_pledge_only_the_leader_decides(leader: Membership, worker: Membership) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    with pytest.raises(Pledged):
        worker.leave(reason=None)
    assert worker.record.is_joining


def test_pledge_is_on_the_disk(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    again = make_member(2)
    assert again.record.joining is not None
    assert again.record.joining.pledged


def test_withdrawn_node_is_uninitialised_with_the_leaders_reason(
    leader: Membership, worker: Membership
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    worker.withdraw(worker.holding, code="node_not_found", detail="The join was cancelled.")
    assert worker.record.role == "uninitialised"
    assert worker.record.reason == "The join was cancelled."
    assert worker.record.own_id is None
    assert worker.holding.state is None


def test_withdrawn_node_leaves_and_joins_again(leader: Membership, worker: Membership) -> None:
    jws = found(leader, worker)
    worker.adopt(jws, node_id=2, leader=pin(leader))
    worker.pledge()
    worker.withdraw(worker.holding, code="node_not_found", detail="x")
    worker.adopt(jws, node_id=2, leader=pin(leader))
    assert worker.record.is_joining


def test_answer_to_an_earlier_membership_withdraws_nothing(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    earlier = worker.holding
    worker.leave(reason=None)
    other = make_member(3)
    nodes = [entry(other, 1), entry(worker, 2)]
    foreign = make_document(*nodes, cluster=make_cluster(uuid=FOREIGN_CLUSTER))
    worker.adopt(other.lead(foreign), node_id=2, leader=pin(other))
    worker.withdraw(earlier, code="node_not_found", detail="x")
    assert worker.record.is_joining


def test_admitted_worker_is_not_withdrawn(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    worker.withdraw(worker.holding, code="node_not_found", detail="x")
    assert worker.record.role == "worker"


# Leaving


def test_leader_leaves_only_by_force(leader: Membership) -> None:
    leader.lead(alone(leader))
    with pytest.raises(LeaderCannotLeave):
        leader.leave(reason=None)
    leader.leave(reason=None, force=True)
    assert leader.record.role == "uninitialised"


def test_worker_leaves_only_by_force(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    with pytest.raises(Pledged):
        worker.leave(reason=None)


def test_keys_survive_leaving(leader: Membership, make_member: MakeMember) -> None:
    """The same code with the same key gives the same answer."""
    before = leader.keys.public
    leader.lead(alone(leader))
    leader.leave(reason=None, force=True)
    assert make_member(1).keys.public == before


# Receiving


def test_refused_state_is_remembered_until_one_is_accepted(
    leader: Membership, worker: Membership
) -> None:
    joined(leader, worker)
    old = worker.holding.jws
    newer = leader.sign(make_document(entry(leader, 1), entry(worker, 2), generation=4))
    worker.receive(newer)
    with pytest.raises(GenerationIsOld):
        worker.receive(old)
    assert worker.refused is not None
    assert worker.refused["code"] == "state_generation_is_old"
    assert worker.holding.jws == newer
    worker.receive(newer)
    assert worker.refused is None


def test_uninitialised_node_accepts_nothing(leader: Membership, worker: Membership) -> None:
    with pytest.raises(ForeignCluster):
        worker.receive(found(leader, worker))


# The sealed part


def test_eligible_node_opens_the_sealed_part(leader: Membership) -> None:
    sealed = seal(b"{}", recipients=[leader.keys.public.sealing_key])
    leader.lead(alone(leader, sealed=sealed))
    assert leader.unseal() == b"{}"


def test_state_without_sealed_part_says_so(leader: Membership) -> None:
    leader.lead(alone(leader))
    with pytest.raises(NothingSealed):
        leader.unseal()


# The files


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
    leader.lead(alone(leader))
    renamed = Membership(tmp_path / "1", fqdn="new.example.org")
    assert renamed.record.fqdn == "new.example.org"
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
