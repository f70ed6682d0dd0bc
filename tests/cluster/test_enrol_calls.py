"""The joining machine's calls: what it says to whom, and how it takes the answers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.models import AuditEvent
from cluster.models import Operation, OperationStep
from cluster.services.joining import request_join
from cluster.transport import Answer
from tests.cluster.factories import ADMIN, carry_on
from tests.cluster.fake_leader import ADDRESS, FINGERPRINT, URL, FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def join(leader: FakeLeader, **changes: Any) -> Operation:
    values = {"code": leader.code(), "fqdn": "node2.example.org"} | changes
    return carry_on(request_join(actor=ADMIN, **values))


def step(operation: Operation) -> OperationStep:
    """The step that the operation is at."""
    return operation.steps.filter(state="running").get()


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
