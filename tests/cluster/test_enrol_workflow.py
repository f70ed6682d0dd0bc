"""The joining machine's side: a worker, or what it was before; and what it says to whom."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster.errors import (
    ClusterAlreadySet,
    HostnameError,
    JoinCodeCorrupted,
    JoinCodeExpired,
    JoinCodeMalformed,
    JoinCodeTruncated,
    OperationInProgress,
)
from cluster.models import Operation, OperationStep
from cluster.services import operations
from cluster.services.joining import request_join
from cluster.transport import Answer
from tests.cluster.factories import ADMIN, carry_on, create_cluster
from tests.cluster.fake_leader import ADDRESS, FINGERPRINT, URL, FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(tmp_path: Path, settings: Any, local_agent: FakeAgent) -> FakeLeader:
    """A leader on the other side of the network; this machine has an agent and no cluster."""
    settings.TRANSPORT = FakeLeader(tmp_path / "leader")
    made: FakeLeader = settings.TRANSPORT
    return made


def join(leader: FakeLeader, **changes: Any) -> Operation:
    values = {"code": leader.code(), "fqdn": "node2.example.org"} | changes
    return carry_on(request_join(actor=ADMIN, **values))


def step(operation: Operation) -> OperationStep:
    """The step that the operation is at."""
    return operation.steps.filter(state="running").get()


def test_machine_is_a_worker_once_the_leader_shows_it_as_active(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    """S6, S7, S12."""
    operation = join(leader)
    local_agent.receive(leader.activate())

    carry_on(operation)

    status = local_agent.status()
    assert operation.state == "succeeded"
    assert (status["role"], status["node_id"], status["cluster"]) == ("worker", 2, leader.uuid)


def test_join_waits_until_the_leader_decides(leader: FakeLeader, local_agent: FakeAgent) -> None:
    operation = join(leader)

    assert step(operation).name == "connect"
    assert local_agent.status()["role"] == "uninitialised"


def test_leader_is_told_what_it_needs_and_no_private_key(leader: FakeLeader) -> None:
    join(leader)

    url, body = leader.received[-1]
    assert url == f"{URL}/agent/v1/enrol"
    assert (body["fqdn"], body["endpoint"]) == ("node2.example.org", "node2.example.org:55820")
    assert body["tls_verified"] is True
    assert set(body) == {
        "code",
        "token",
        "fqdn",
        "identity_key",
        "wireguard_key",
        "sealing_key",
        "endpoint",
        "console_url",
        "tls_fingerprint",
        "version",
        "distribution",
        "networks",
        "tls_verified",
    }


def test_second_url_is_tried_when_the_first_does_not_answer(leader: FakeLeader) -> None:
    leader.unreachable = {URL: "the name cannot be resolved"}

    operation = join(leader)

    assert step(operation).name == "connect"
    assert leader.received[0][0].startswith(ADDRESS)


def test_leader_that_does_not_answer_is_named_with_each_url_and_why(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    leader.unreachable = {URL: "the name cannot be resolved", ADDRESS: "connection refused"}

    operation = carry_on(join(leader), times=3)

    assert (operation.state, operation.error_code) == ("failed", "cluster_connection_error")
    assert f"{URL}: the name cannot be resolved" in operation.error_detail
    assert f"{ADDRESS}: connection refused" in operation.error_detail
    assert local_agent.status()["role"] == "uninitialised"


def test_leader_that_is_away_for_a_moment_is_tried_again(leader: FakeLeader) -> None:
    leader.unreachable = {URL: "connection refused", ADDRESS: "connection refused"}
    operation = join(leader)
    leader.unreachable = {}

    carry_on(operation)

    assert step(operation).name == "connect"


def test_other_certificate_is_refused_before_the_secret_is_sent(leader: FakeLeader) -> None:
    """S13: nothing at all reaches a machine with another certificate."""
    leader.fingerprint = "ef" * 32

    operation = join(leader)

    assert (operation.state, operation.error_code) == ("failed", "cluster_tls_verify_error")
    assert leader.received == []


def test_certificate_that_changes_before_the_enrolment_is_refused_too(
    leader: FakeLeader, settings: Any
) -> None:
    """S13."""

    class Interceptor(FakeLeader):
        def _leadership(self) -> dict[str, Any]:
            self.fingerprint = "ef" * 32
            return super()._leadership()

    leader.__class__ = Interceptor

    operation = join(leader)

    assert (operation.state, operation.error_code) == ("failed", "cluster_tls_verify_error")
    assert leader.secrets_received == 0


def test_join_without_validation_goes_on_with_a_warning_in_the_audit_trail(
    leader: FakeLeader,
) -> None:
    """S13."""
    leader.fingerprint = "ef" * 32

    operation = join(leader, tls_verify=False)

    assert step(operation).name == "connect"
    assert leader.received[-1][1]["tls_verified"] is False
    assert AuditEvent.objects.filter(action="cluster.join.tls_unverified").count() == 1


def test_agent_pins_the_certificate_that_the_leader_names(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    join(leader)

    pinned = local_agent.membership.record.leader
    assert pinned is not None
    assert pinned.tls_fingerprint == FINGERPRINT


def test_leader_of_another_version_is_refused_before_the_secret_is_sent(
    leader: FakeLeader,
) -> None:
    leader.says["version"] = "7.0.0"

    operation = join(leader)

    assert (operation.state, operation.error_code) == ("failed", "core_version_mismatch")
    assert leader.secrets_received == 0


@pytest.mark.parametrize(
    "says",
    [
        {"role": "worker"},
        {"role": "uninitialised", "cluster": None},
        {"cluster": "f3b1f1f6-0000-4000-8000-000000000000"},
        {"version": None},
    ],
    ids=str,
)
def test_who_is_not_that_clusters_leader_gets_no_secret(
    says: dict[str, Any], leader: FakeLeader
) -> None:
    leader.says |= says

    operation = carry_on(join(leader), times=3)

    assert (operation.state, operation.error_code) == ("failed", "cluster_connection_error")
    assert leader.secrets_received == 0


def test_clocks_that_differ_are_a_warning(leader: FakeLeader) -> None:
    leader.clock_offset = timedelta(hours=2)

    operation = join(leader)

    assert step(operation).name == "connect"
    assert "clocks" in operation.steps.get(name="check").detail


def test_warnings_of_the_leader_show_on_this_side_too(leader: FakeLeader) -> None:
    """S8."""
    leader.warnings = [{"code": "distribution_differs", "detail": "The leader runs another one."}]

    operation = join(leader)

    assert "The leader runs another one." in operation.steps.get(name="enrol").detail


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "join_code_expired"),
        (400, "join_code_revoked"),
        (400, "join_code_used"),
        (409, "cluster_is_full"),
        (400, "cluster_hostname_error"),
        (409, "public_key_matches_existing_node"),
        (409, "core_version_mismatch"),
        (401, "cluster_auth_error"),
    ],
)
def test_refusal_of_the_leader_is_shown_with_its_code_and_sentence(
    status: int, code: str, leader: FakeLeader, local_agent: FakeAgent
) -> None:
    """S4, S12."""
    leader.refusal = Answer(status, {"code": code, "detail": "Because."})

    operation = join(leader)

    assert (operation.state, operation.error_code) == ("failed", code)
    assert operation.error_detail == "Because."
    assert local_agent.status()["role"] == "uninitialised"


def test_machine_waits_while_another_one_is_joining(leader: FakeLeader) -> None:
    leader.refusal = Answer(409, {"code": "operation_in_progress", "detail": "Wait."})
    operation = join(leader)
    waiting = step(operation)
    leader.refusal = None

    carry_on(operation)

    assert (waiting.name, waiting.detail) == (
        "enrol",
        "Another machine is joining; this one is next.",
    )
    assert step(operation).name == "connect"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_leader_in_trouble_is_asked_again(status: int, leader: FakeLeader) -> None:
    leader.refusal = Answer(status, {"code": "agent_unavailable", "detail": "Later."})
    operation = join(leader)
    leader.refusal = None

    carry_on(operation)

    assert step(operation).name == "connect"


def test_lost_reply_leads_to_the_same_node(leader: FakeLeader) -> None:
    leader.lose_reply = True
    operation = join(leader)

    carry_on(operation)

    assert step(operation).name == "connect"
    assert len(leader.nodes) == 2


@pytest.mark.parametrize("body", [{}, {"node_id": "2"}, {"node_id": 2, "jws": "a.b.c"}], ids=str)
def test_answer_that_makes_no_sense_changes_nothing(
    body: dict[str, Any], leader: FakeLeader, local_agent: FakeAgent
) -> None:
    leader.refusal = Answer(201, body)

    operation = join(leader)

    assert (operation.state, operation.error_code) == ("failed", "leader_answer_malformed")
    assert local_agent.status()["cluster"] is None


def test_state_of_another_cluster_is_refused(leader: FakeLeader, tmp_path: Path) -> None:
    other = FakeLeader(tmp_path / "other")
    answer = other._enrol({"fqdn": "x.example.org", "endpoint": "", **other.agent.status()["keys"]})
    leader.refusal = answer

    operation = join(leader)

    assert (operation.state, operation.error_code) == ("failed", "leader_answer_malformed")


def test_join_that_the_leader_undid_fails_with_its_reason(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    operation = join(leader)
    local_agent.pledge()
    local_agent.withdraw(code="node_not_found", detail="Node 2 is not a member. Too slow.")

    carry_on(operation)

    status = local_agent.status()
    assert (operation.state, operation.error_code) == ("failed", "join_withdrawn")
    assert "Too slow." in operation.error_detail
    assert (status["role"], status["joining"]) == ("uninitialised", None)


def test_join_that_failed_can_be_asked_for_again_with_the_same_code(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    code = leader.code()
    operation = join(leader, code=code)
    local_agent.pledge()
    leader.withdraw()
    local_agent.withdraw(code="node_not_found", detail="Too slow.")
    carry_on(operation)

    again = join(leader, code=code)
    local_agent.receive(leader.activate())

    assert carry_on(again).state == "succeeded"


def test_cancel_before_the_pledge_leaves_the_machine_as_it_was(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    operation = join(leader)
    operations.cancel(operation, actor=ADMIN)

    carry_on(operation)

    status = local_agent.status()
    assert operation.state == "cancelled"
    assert (status["role"], status["cluster"], status["joining"]) == ("uninitialised", None, None)


def test_cancel_after_the_pledge_waits_for_the_leaders_decision(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    operation = join(leader)
    local_agent.pledge()
    operations.cancel(operation, actor=ADMIN)
    carry_on(operation)
    waiting = operation.state
    local_agent.withdraw(code="node_not_found", detail="Gone.")

    carry_on(operation)

    assert waiting == "running"
    assert operation.state == "cancelled"
    assert local_agent.status()["role"] == "uninitialised"


def test_leader_that_never_decides_is_named_and_binds_nobody_for_ever(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    operation = join(leader)
    local_agent.pledge()
    past = timezone.now() - timedelta(seconds=80)
    operation.steps.filter(name="connect").update(started_at=past)
    carry_on(operation)
    Operation.objects.update(deadline=past)

    carry_on(operation, times=12)

    again = join(leader)
    assert (operation.state, operation.error_code) == ("failed", "join_unconfirmed")
    assert step(again).name == "connect"


def test_another_join_replaces_one_that_nobody_confirmed(
    leader: FakeLeader, local_agent: FakeAgent, settings: Any, tmp_path: Path
) -> None:
    operation = join(leader)
    local_agent.pledge()
    Operation.objects.filter(pk=operation.pk).update(state="failed", ended_at=past(), secret="")
    settings.TRANSPORT = FakeLeader(tmp_path / "other")

    again = join(settings.TRANSPORT)

    assert step(again).name == "connect"
    assert local_agent.status()["cluster"] == settings.TRANSPORT.uuid


def test_join_that_nobody_confirmed_keeps_nobody_from_a_cluster_of_their_own(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    operation = join(leader)
    local_agent.pledge()
    Operation.objects.filter(pk=operation.pk).update(state="failed", ended_at=past(), secret="")

    created = create_cluster()

    assert local_agent.status()["cluster"] == str(created.uuid)


def past() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def test_stopped_agent_is_waited_for(leader: FakeLeader, local_agent: FakeAgent) -> None:
    local_agent.available = False
    operation = join(leader)
    local_agent.available = True

    carry_on(operation)

    assert step(operation).name == "connect"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("hello", JoinCodeMalformed),
        ("FLT1.eyJ2IjoxLCJ1cmxz", JoinCodeTruncated),
        ("FLT1.AAAA", JoinCodeCorrupted),
    ],
)
def test_bad_code_is_refused_at_once(text: str, error: type[Exception], leader: FakeLeader) -> None:
    """S12."""
    with pytest.raises(error):
        request_join(actor=ADMIN, code=text, fqdn="node2.example.org")

    assert not Operation.objects.exists()


def test_expired_code_is_refused_at_once(leader: FakeLeader) -> None:
    """S12."""
    code = leader.code(expires=datetime.now(UTC) - timedelta(seconds=1))

    with pytest.raises(JoinCodeExpired):
        request_join(actor=ADMIN, code=code, fqdn="node2.example.org")


def test_bad_name_is_refused_at_once(leader: FakeLeader) -> None:
    """S10."""
    with pytest.raises(HostnameError):
        request_join(actor=ADMIN, code=leader.code(), fqdn="node2")


def test_own_name_is_the_default(leader: FakeLeader) -> None:
    """S10."""
    operation = request_join(actor=ADMIN, code=leader.code())

    assert operation.parameters["fqdn"] == "node1.example.org"


def test_second_join_is_refused_while_one_runs(leader: FakeLeader) -> None:
    join(leader)

    with pytest.raises(OperationInProgress):
        join(leader)


def test_member_of_a_cluster_joins_no_other(leader: FakeLeader, settings: Any) -> None:
    create_cluster()

    with pytest.raises(ClusterAlreadySet):
        join(leader)


def test_secret_is_encrypted_while_it_is_needed_and_gone_afterwards(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    secret = "k3J9x0bR2m5WqYt7uPzLsA"
    operation = join(leader)
    during = str(Operation.objects.values().get())
    local_agent.receive(leader.activate())

    carry_on(operation)

    assert secret not in during
    assert Operation.objects.get().secret == ""
    assert secret not in str(list(AuditEvent.objects.values()))


def test_join_is_in_the_audit_trail_from_the_wish_to_the_end(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    """S44."""
    operation = join(leader)
    local_agent.receive(leader.activate())
    carry_on(operation, times=3)

    events = AuditEvent.objects.order_by("id").values_list("user", "action", "outcome")
    assert list(events) == [
        ("alice", "cluster.join.requested", "ok"),
        ("alice", "cluster.joined", "ok"),
    ]
