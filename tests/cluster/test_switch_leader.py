"""``switch_leader``: what it says, asks and answers, and how it exits."""

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.actor import Actor
from cluster import recovery_key
from cluster.models import Cluster, SignedState
from cluster.services import switching
from nodes.agent import signing
from nodes.agent.history import Contest
from tests.cluster.factories import create_cluster
from tests.cluster.fleets import Fleet
from tests.cluster.network import Network, network, says
from tests.fakes import FakeAgent

__all__ = ["network"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_root(monkeypatch: pytest.MonkeyPatch, network: Network) -> None:
    """And alone on the network."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The recovery key of the cluster that the fleet makes."""
    text, public = recovery_key.generate()
    monkeypatch.setattr(recovery_key, "generate", lambda: (text, public))
    return text


@pytest.fixture
def cluster(key: str, db: None, local_agent: FakeAgent) -> Cluster:
    """One that was made with that key."""
    return create_cluster()


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """Three nodes; this machine is node 3, and node 1 leads."""
    fleet.become(3)
    return fleet


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("switch_leader", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def role_of(fleet: Fleet, number: int) -> str:
    return fleet.agents[number].status()["role"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_node_that_is_named_leads(fleet: Fleet) -> None:
    """S41."""
    out, _ = run("--node", "3", "--endpoint", "node3.example.org:55820", "--yes")

    assert role_of(fleet, 3) == "leader"
    assert "node3 leads the cluster in term 2" in out


def test_it_says_first_which_state_it_has_and_what_is_lost(fleet: Fleet) -> None:
    """S39."""
    generation = fleet.agents[3].status()["generation"]

    _, err = run("--node", "3", "--yes")

    assert f"the cluster's state 1.{generation}, which was issued" in err
    assert "What was changed after that is lost." in err


@pytest.mark.parametrize("yes", [True, False])
def test_it_says_who_holds_more(
    fleet: Fleet, network: Network, monkeypatch: pytest.MonkeyPatch, yes: bool
) -> None:
    network.answers["node2"] = says(fleet, ahead=1)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))

    _, err = run("--node", "3", *(["--yes"] if yes else []))

    assert "node2 holds a newer state" in err


def test_it_speaks_json(fleet: Fleet) -> None:
    answer = json.loads(run("--node", "3", "--yes", "--json")[0])

    assert answer["course"] == "lead"
    assert (answer["leader"], answer["term"]) == (3, 2)


def test_without_a_terminal_it_wants_to_be_told_yes(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    with pytest.raises(CommandError, match="--yes") as refused:
        run("--node", "3")

    assert (refused.value.returncode, role_of(fleet, 3)) == (1, "worker")


@pytest.mark.parametrize(("typed", "role"), [("y\n", "leader"), ("YES\n", "leader")])
def test_at_a_terminal_it_asks(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, typed: str, role: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    run("--node", "3")

    assert role_of(fleet, 3) == role


@pytest.mark.parametrize("typed", ["\n", "n\n", "3\n"])
def test_anything_but_yes_changes_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    with pytest.raises(CommandError, match="Nothing was done"):
        run("--node", "3")

    assert role_of(fleet, 3) == "worker"


def test_endpoint_is_looked_at_on_every_node(fleet: Fleet) -> None:
    fleet.become(2)

    with pytest.raises(CommandError, match=r"\(endpoint_invalid\)"):
        run("--node", "3", "--endpoint", "node3", "--yes")

    assert fleet.agents[2].status()["approvals"] == []


def test_leader_that_works_refuses(fleet: Fleet) -> None:
    fleet.become(1)

    with pytest.raises(CommandError, match=r"\(node_is_leader\)"):
        run("--node", "3", "--yes")
    with pytest.raises(CommandError, match=r"\(node_is_already_leader\)"):
        run("--node", "1", "--yes")


@pytest.mark.parametrize("number", ["9", "0", "-1"])
def test_unknown_node_has_its_code(fleet: Fleet, number: str) -> None:
    with pytest.raises(CommandError, match=r"\(node_not_found\)"):
        run("--node", number, "--yes")


def test_new_machine_refuses(local_agent: FakeAgent) -> None:
    with pytest.raises(CommandError, match=r"\(not_a_member\)"):
        run("--node", "3", "--yes")


def test_command_is_for_root(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """S40."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CommandError, match="root"):
        run("--node", "3", "--yes")


def test_other_worker_waits_until_it_follows(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """S41: approved here before node 3 leads."""

    def meanwhile(seconds: float) -> None:
        fleet.become(3)
        switching.lead_here(actor=Actor.root())
        jws = SignedState.objects.get().jws
        fleet.become(2).receive(jws)

    fleet.become(2)
    monkeypatch.setattr("cluster.management.commands.switch_leader.time.sleep", meanwhile)

    out, err = run("--node", "3")

    assert out == "This node follows node3.\n"
    assert "Waiting until node3 leads" in err


def test_worker_that_waited_in_vain_says_so_by_its_exit_code(fleet: Fleet) -> None:
    agent = fleet.become(2)

    with pytest.raises(CommandError, match="The approval stays") as over:
        run("--node", "3", "--timeout", "0")

    assert over.value.returncode == 3
    assert agent.status()["approvals"] == [{"node_id": 3, "above_term": 1}]


def test_worker_that_follows_already_is_done(fleet: Fleet) -> None:
    run("--node", "3", "--yes")
    fleet.become(2)
    switching.follow(actor=Actor.root(), node_id=3)
    fleet.agents[2].receive(SignedState.objects.get().jws)

    assert json.loads(run("--node", "3", "--json")[0])["following"] is True


def test_recovery_key_in_a_file_frees_the_others_of_a_visit(
    fleet: Fleet, key: str, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(key + "\n")

    run("--node", "3", "--yes", "--recovery-key", str(tmp_path / "key"))
    fleet.agents[2].receive(SignedState.objects.get().jws)

    assert fleet.agents[2].status()["term"] == 2


def test_recovery_key_comes_by_standard_input_too(
    fleet: Fleet, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(key))

    run("--node", "3", "--yes", "--recovery-key", "-")

    assert Cluster.objects.get().handover is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "recovery_key_invalid"),
        ("FLTR1.abc", "recovery_key_invalid"),
        ("FLTR1.abc.12345678", "recovery_key_invalid"),
    ],
)
def test_what_is_no_recovery_key_has_its_code(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, text: str, code: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    with pytest.raises(CommandError, match=rf"\({code}\)"):
        run("--node", "3", "--yes", "--recovery-key", "-")

    assert role_of(fleet, 3) == "worker"


def test_recovery_key_of_another_cluster_is_wrong(fleet: Fleet, tmp_path: Path) -> None:
    private = signing.private_text(signing.new_key())
    (tmp_path / "key").write_text(f"FLTR1.{private}.{recovery_key._check_of(private)}")

    with pytest.raises(CommandError, match=r"\(recovery_key_wrong\)"):
        run("--node", "3", "--yes", "--recovery-key", str(tmp_path / "key"))

    assert role_of(fleet, 3) == "worker"


def test_recovery_key_that_cannot_be_read_is_an_error(fleet: Fleet, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("--node", "3", "--yes", "--recovery-key", str(tmp_path / "nothing"))


def test_leader_in_doubt_stays_by_its_own_number(fleet: Fleet) -> None:
    fleet.become(1).contest(Contest(node_id=2, term=2, leader=3))

    out, err = run("--node", "1", "--yes")

    assert "node2 says that node3 leads term 2." in err
    assert "node1 leads the cluster in term 3" in out


def test_deposed_leader_keeps_its_late_changes_and_follows(fleet: Fleet, tmp_path: Path) -> None:
    agent = fleet.become(1)
    agent.depose(by=3, term=2, built_on={"term": 1, "generation": 1, "events": 1})

    with pytest.raises(CommandError) as over:
        run("--node", "3", "--timeout", "0")

    assert (over.value.returncode, role_of(fleet, 1)) == (3, "worker")
    assert (tmp_path / "kept" / "term1" / "late-writes.jsonl").exists()


@pytest.mark.parametrize("text", ["-1", "inf", "nan", "soon"])
def test_timeout_is_a_number_of_seconds(fleet: Fleet, text: str) -> None:
    with pytest.raises(CommandError, match="timeout"):
        run("--node", "3", f"--timeout={text}")
