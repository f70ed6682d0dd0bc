"""The joining machine's side: a worker, or what it was before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cluster.models import Operation, OperationStep
from cluster.services import operations
from cluster.services.joining import request_join
from tests.cluster.factories import ADMIN, carry_on, create_cluster
from tests.cluster.fake_leader import URL, FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


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


def test_lost_reply_leads_to_the_same_node(leader: FakeLeader) -> None:
    leader.lose_reply = True
    operation = join(leader)

    carry_on(operation)

    assert step(operation).name == "connect"
    assert len(leader.nodes) == 2


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


def test_stopped_agent_is_waited_for(leader: FakeLeader, local_agent: FakeAgent) -> None:
    local_agent.available = False
    operation = join(leader)
    local_agent.available = True

    carry_on(operation)

    assert step(operation).name == "connect"


def past() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)
