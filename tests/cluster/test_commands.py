"""``create_cluster``, ``join_code``, ``join_cluster``: for root, from cloud-init or a shell."""

import io
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from cluster import codes
from cluster.models import Cluster, JoinCode, Operation
from nodes.models import Node
from tests.cluster.factories import hear_from, make_code
from tests.cluster.fake_leader import FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
CREATE = ("create_cluster", "--label", "Fleet", "--endpoint", "node1.example.org:55820")


@pytest.fixture(autouse=True)
def _as_root_without_celery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else carries operations forward; and nobody waits for nothing."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("cluster.management.root.GRACE", timedelta(seconds=-60))


@pytest.fixture
def agent_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, this machine's own agent syncs."""
    monkeypatch.setattr("cluster.management.root.time.sleep", lambda seconds: hear_from(1))


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_cluster_is_created_and_the_recovery_key_printed(
    local_agent: FakeAgent, agent_reports: None
) -> None:
    out, _ = run(*CREATE)

    assert Cluster.objects.get().label == "Fleet"
    assert local_agent.status()["role"] == "leader"
    assert out.strip().splitlines()[-1].startswith("FLTR1.")


def test_creation_speaks_json(local_agent: FakeAgent, agent_reports: None) -> None:
    answer = json.loads(run(*CREATE, "--json")[0])

    assert answer["operation"]["state"] == "succeeded"
    assert answer["recovery_key"].startswith("FLTR1.")


def test_creation_says_how_it_goes_on_standard_error(
    local_agent: FakeAgent, agent_reports: None
) -> None:
    assert "connect: Waiting for this machine's own agent to report." in run(*CREATE)[1]


def test_creation_need_not_be_waited_for(local_agent: FakeAgent) -> None:
    answer = json.loads(run(*CREATE, "--no-wait", "--json")[0])

    assert answer["operation"]["state"] == "pending"


def test_creation_by_command_is_roots(local_agent: FakeAgent, agent_reports: None) -> None:
    """S44: audited as root at this machine."""
    run(*CREATE)

    event = AuditEvent.objects.get(action="cluster.created")
    assert (event.user_kind, event.interface) == ("root", "command")
    assert event.user.startswith("root@")


def test_refused_value_ends_with_its_code(local_agent: FakeAgent) -> None:
    with pytest.raises(CommandError, match=r"\(not_a_private_network\)"):
        run(*CREATE, "--vpn-network", "8.8.8.0/24")


def test_refused_value_speaks_json_too(local_agent: FakeAgent) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command(*CREATE, "--vpn-network", "8.8.8.0/24", "--json", stdout=out)

    error = json.loads(out.getvalue())["error"]
    assert (error["code"], error["attr"]) == ("not_a_private_network", "vpn_network")


def test_creation_that_fails_ends_with_its_code(
    local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.workflows.create.VPN_PATIENCE", timedelta(seconds=-1))
    local_agent.machine.vpn_state = "failed"

    with pytest.raises(CommandError, match=r"\(vpn_not_up\)"):
        run(*CREATE)


@pytest.mark.parametrize("command", [CREATE, ("join_code",), ("join_cluster",)], ids=lambda c: c[0])
def test_command_needs_root(
    command: tuple[str, ...], local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CommandError, match="root"):
        run(*command)


def test_join_code_is_all_that_is_printed(cluster: Cluster) -> None:
    out, _ = run("join_code")

    assert codes.decode(out).id == str(JoinCode.objects.get().pk)


def test_join_code_speaks_json(cluster: Cluster) -> None:
    answer = json.loads(run("join_code", "--json")[0])

    assert set(answer) == {"id", "code", "expires_at"}


def test_join_code_lives_as_long_as_asked(cluster: Cluster) -> None:
    run("join_code", "--ttl", "120")

    made = JoinCode.objects.get()
    assert (made.expires_at - made.created_at).total_seconds() == 120


def test_join_code_of_no_length_is_refused(cluster: Cluster) -> None:
    with pytest.raises(CommandError, match=r"\(join_code_lifetime_invalid\)"):
        run("join_code", "--ttl", "5")


def test_join_code_needs_a_cluster(local_agent: FakeAgent) -> None:
    with pytest.raises(CommandError, match=r"\(cluster_not_created\)"):
        run("join_code")


@pytest.fixture
def leader(
    tmp_path: Path, settings: Any, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> FakeLeader:
    """A leader on the other side, which admits this machine while the command waits."""
    settings.TRANSPORT = leader = FakeLeader(tmp_path / "leader")

    def decide(seconds: float) -> None:
        if local_agent.status()["joining"]:
            local_agent.receive(leader.activate())

    monkeypatch.setattr("cluster.management.root.time.sleep", decide)
    return leader


def test_machine_joins_with_a_code_from_standard_input(
    leader: FakeLeader, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S12."""
    give(monkeypatch, leader.code() + "\n")

    out, _ = run("join_cluster", "--fqdn", "node2.example.org")

    assert "worker" in out
    assert local_agent.status()["role"] == "worker"


def test_join_without_validation_is_asked_for_by_name(
    leader: FakeLeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S13."""
    leader.fingerprint = "ef" * 32
    give(monkeypatch, leader.code())

    run("join_cluster", "--fqdn", "node2.example.org", "--no-tls-verify")

    assert Operation.objects.get().parameters["tls_verify"] is False


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        ("hello", "join_code_malformed"),
        ("FLT1.", "join_code_truncated"),
        ("FLT1.AAAA", "join_code_corrupted"),
    ],
)
def test_bad_code_ends_with_its_own_code(
    text: str, code: str, leader: FakeLeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S12."""
    give(monkeypatch, text)

    with pytest.raises(CommandError, match=rf"\({code}\)"):
        run("join_cluster", "--fqdn", "node2.example.org")


def test_join_that_fails_ends_with_the_leaders_reason(
    leader: FakeLeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader.fingerprint = "ef" * 32
    give(monkeypatch, leader.code())

    with pytest.raises(CommandError, match=r"\(cluster_tls_verify_error\)"):
        run("join_cluster", "--fqdn", "node2.example.org", "--json")


def test_member_joins_no_other_cluster(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, make_code()[1])

    with pytest.raises(CommandError, match=r"\(cluster_network_already_set\)"):
        run("join_cluster")

    assert Node.objects.count() == 1
