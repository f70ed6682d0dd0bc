"""What a node remembers of an audit trail, and what it does not sign or take."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import signing, witness
from nodes.agent.calls import Calls
from nodes.agent.custody import bear_witness, sign_checkpoint, sign_manifest
from nodes.agent.errors import CheckpointDiffers, CheckpointGoesBack, NotAMember, NotLeader
from nodes.agent.membership import Membership
from nodes.agent.witness import MOST, RECENT, Checkpoint, Witness, thin
from tests.fakes import FakeMachine
from tests.nodes.agent.members import alone, joined

ONE, OTHER = "ab" * 32, "cd" * 32
CLUSTER = "0b9dfb1c-6a5c-4b5e-9a55-8a3f2f5c7b11"


def told(leader: Membership, worker: Membership, count: int, digest: str = ONE, **more: Any) -> Any:
    """What the worker answers to the leader's checkpoint."""
    jws = sign_checkpoint(leader, count=count, digest=digest)
    return bear_witness(worker, {"jws": jws, "trail": 1} | more)


def forged(leader: Membership, count: int, digest: str, *, term: int = 1) -> str:
    """As the owner of the leader's key signs it without its agent."""
    record = leader.record
    checkpoint = Checkpoint(
        str(record.cluster), 1, term, count, digest, "2026-11-22T10:00:00+00:00"
    )
    return checkpoint.signed(key=leader.keys.identity).jws


def test_leader_signs_the_end_of_its_trail(leader: Membership) -> None:
    leader.lead(alone(leader))

    jws = sign_checkpoint(leader, count=7, digest=ONE)

    read = witness.read(jws, key=leader.keys.public.identity_key)
    assert (read.node, read.term, read.count, read.hash) == (1, 1, 7, ONE)


def test_asked_again_gives_what_was_signed_before(leader: Membership) -> None:
    leader.lead(alone(leader))

    assert sign_checkpoint(leader, count=7, digest=ONE) == sign_checkpoint(
        leader, count=7, digest=ONE
    )


def test_worker_signs_no_checkpoint(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)

    with pytest.raises(NotLeader):
        sign_checkpoint(worker, count=7, digest=ONE)


def test_leader_signs_no_shorter_trail_even_after_a_restart(leader: Membership) -> None:
    leader.lead(alone(leader))
    sign_checkpoint(leader, count=7, digest=ONE)
    again = Membership(leader.witness._path.parent, fqdn="node1.example.org")

    with pytest.raises(CheckpointGoesBack):
        sign_checkpoint(again, count=6, digest=OTHER)


def test_leader_signs_no_other_event_under_the_same_number(leader: Membership) -> None:
    leader.lead(alone(leader))
    sign_checkpoint(leader, count=7, digest=ONE)

    with pytest.raises(CheckpointDiffers):
        sign_checkpoint(leader, count=7, digest=OTHER)


def test_worker_remembers_what_the_leader_signed(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)

    answer = told(leader, worker, 7)

    assert answer["refused"] is None
    assert [witness.parse(jws).count for jws in answer["checkpoints"]] == [7]


def test_worker_refuses_a_smaller_one_and_says_what_it_holds(
    leader: Membership, worker: Membership
) -> None:
    joined(leader, worker)
    told(leader, worker, 7)

    answer = bear_witness(worker, {"jws": forged(leader, 6, OTHER), "trail": 1})

    assert answer["refused"]["code"] == "checkpoint_goes_back"
    assert [witness.parse(jws).count for jws in answer["checkpoints"]] == [7]


def test_worker_refuses_another_event_under_the_same_number(
    leader: Membership, worker: Membership
) -> None:
    joined(leader, worker)
    told(leader, worker, 7)

    answer = bear_witness(worker, {"jws": forged(leader, 7, OTHER), "trail": 1})

    assert answer["refused"]["code"] == "checkpoint_differs"


def test_worker_takes_a_checkpoint_of_its_leader_only(
    leader: Membership, worker: Membership
) -> None:
    joined(leader, worker)
    record = worker.record
    mine = Checkpoint(str(record.cluster), 1, 1, 9, ONE, "2026-11-22T10:00:00+00:00")

    answer = bear_witness(worker, {"jws": mine.signed(key=worker.keys.identity).jws, "trail": 1})

    assert answer["refused"]["code"] == "checkpoint_invalid"
    assert answer["checkpoints"] == []


def test_worker_takes_no_checkpoint_of_another_term(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)

    answer = bear_witness(worker, {"jws": forged(leader, 7, ONE, term=2), "trail": 1})

    assert answer["refused"]["code"] == "checkpoint_invalid"


@pytest.mark.parametrize("jws", ["x", "a.b.c", "e30.e30.e30"])
def test_nonsense_is_refused(jws: str, leader: Membership, worker: Membership) -> None:
    joined(leader, worker)

    assert bear_witness(worker, {"jws": jws, "trail": 1})["refused"]["code"] == "checkpoint_invalid"


def test_worker_says_all_that_it_remembers_when_asked(
    leader: Membership, worker: Membership
) -> None:
    joined(leader, worker)
    told(leader, worker, 7)
    told(leader, worker, 9)

    assert len(bear_witness(worker, {"trail": 1})["checkpoints"]) == 1
    assert len(bear_witness(worker, {"trail": 1, "full": True})["checkpoints"]) == 2


def test_damaged_memory_is_set_aside(leader: Membership, tmp_path: Path) -> None:
    leader.lead(alone(leader))
    sign_checkpoint(leader, count=7, digest=ONE)
    path = leader.witness._path
    path.write_text('{"checkpoints": ["x.y.z"]}')

    assert Witness(path.parent).of(1, cluster=leader.record.cluster) == []
    assert path.with_suffix(".damaged").exists()


def test_memory_is_for_root_alone(leader: Membership) -> None:
    leader.lead(alone(leader))
    sign_checkpoint(leader, count=7, digest=ONE)

    assert leader.witness._path.stat().st_mode & 0o777 == 0o600


def test_what_is_older_is_kept_by_the_hour_and_by_the_day() -> None:
    newest = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    minutes = range(5 * 24 * 60, -1, -1)
    trail = [
        Checkpoint(CLUSTER, 1, 1, 10**6 - m, ONE, (newest - timedelta(minutes=m)).isoformat())
        for m in minutes
    ]

    kept = thin(trail)

    assert kept[-RECENT:] == trail[-RECENT:]
    assert [one.time for one in kept] == sorted(one.time for one in kept)
    days = {one.time[:10] for one in kept}
    assert days == {one.time[:10] for one in trail}
    assert RECENT + 40 < len(kept) < RECENT + 60
    assert len(thin([trail[0]] * (MOST + RECENT))) <= MOST


def test_member_signs_a_manifest(leader: Membership) -> None:
    leader.lead(alone(leader))

    jws = sign_manifest(leader, {"count": 3})

    header, payload = signing.read_unverified(jws)
    signing.verify(jws, key=leader.keys.public.identity_key)
    assert (header["typ"], header["kid"], payload) == ("flotilla-manifest", "1", b'{"count":3}')


def test_stranger_signs_no_manifest(leader: Membership) -> None:
    with pytest.raises(NotAMember):
        sign_manifest(leader, {"count": 3})


def test_socket_offers_all_three(leader: Membership) -> None:
    leader.lead(alone(leader))
    calls = Calls(leader, FakeMachine(leader))

    signed = calls.answer("POST", "/v1/sign_checkpoint", {"count": 7, "hash": ONE})
    kept = calls.answer("POST", "/v1/checkpoints", {"trail": 1})
    sealed = calls.answer("POST", "/v1/sign_manifest", {"manifest": {"count": 3}})

    assert kept == {"checkpoints": [signed["jws"]]}
    assert sealed["jws"].count(".") == 2
