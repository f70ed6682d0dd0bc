"""Enrolment on the leader, through its agent API: what a machine with a good code gets."""

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster.models import Cluster, JoinCode, Operation
from nodes.agent import document
from nodes.local_agent import AgentRefused
from nodes.models import Node
from tests.cluster.factories import (
    Newcomer,
    carry_on,
    make_code,
)
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def test_machine_with_a_good_code_gets_an_id_an_address_and_the_state(
    cluster: Cluster, newcomer: Newcomer, local_agent: FakeAgent
) -> None:
    """S6, S7."""
    answer = newcomer.enrol(make_code()[1])

    assert answer.status_code == 201
    body = answer.json()
    key = local_agent.status()["keys"]["identity_key"]
    state = document.verify(body["jws"], keys={1: key})
    assert (body["node_id"], body["cluster"]) == (2, str(cluster.uuid))
    assert [(n["id"], n["vpn_address"], n["status"]) for n in state["nodes"]] == [
        (1, "10.5.4.1", "active"),
        (2, "10.5.4.2", "joining"),
    ]
    assert body["leader"]["identity_key"] == key
    assert body["warnings"] == []
    assert Operation.objects.get(pk=body["operation"]).node_id == 2


def test_machine_accepts_what_it_was_answered(cluster: Cluster, newcomer: Newcomer) -> None:
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())

    status = newcomer.agent.status()
    assert (status["role"], status["generation"]) == ("uninitialised", 2)
    assert status["joining"] is not None


def test_joining_node_cannot_open_the_sealed_part(cluster: Cluster, newcomer: Newcomer) -> None:
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())

    with pytest.raises(AgentRefused) as caught:
        newcomer.agent.unseal()

    assert caught.value.code == "seal_error"


def test_same_machine_with_the_same_code_gets_the_same_answer(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    """A lost reply is no dead code."""
    code = make_code()[1]
    first = newcomer.enrol(code)

    second = newcomer.enrol(code)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert Node.objects.count() == 2


def test_same_machine_gets_the_same_answer_when_the_code_has_expired_since(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    join_code, code = make_code()
    first = newcomer.enrol(code)
    JoinCode.objects.filter(pk=join_code.pk).update(expires_at=timezone.now())

    assert newcomer.enrol(code).json()["node_id"] == first.json()["node_id"]


def test_code_whose_node_is_gone_is_still_good_for_the_machine_that_used_it(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    join_code, code = make_code()
    key = newcomer.agent.status()["keys"]["identity_key"]
    JoinCode.objects.filter(pk=join_code.pk).update(used_by=key)

    assert newcomer.enrol(code).status_code == 201


def test_another_distribution_is_a_warning(cluster: Cluster, newcomer: Newcomer) -> None:
    """S8."""
    answer = newcomer.enrol(make_code()[1], distribution="alpine 3.20").json()

    assert [warning["code"] for warning in answer["warnings"]] == ["distribution_differs"]
    operation = Operation.objects.get(pk=answer["operation"])
    assert operation.parameters["warnings"] == answer["warnings"]


def test_wrong_clock_is_a_warning_and_the_machine_joins(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    newcomer.agent.membership.issuer.offset = -7200

    answer = newcomer.enrol(make_code()[1])

    assert answer.status_code == 201
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["clock_skew"]


def test_join_without_validation_is_a_warning_in_the_audit_trail(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    """S13."""
    newcomer.enrol(make_code()[1], tls_verified=False)

    assert AuditEvent.objects.filter(action="cluster.join.tls_unverified").count() == 1


def test_join_is_in_the_audit_trail_with_the_code_and_its_maker(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    join_code, code = make_code()
    newcomer.enrol(code)

    event = AuditEvent.objects.get(action="node.join.started")
    assert (event.user, event.user_kind, event.interface) == ("node2.example.org", "node", "agent")
    assert (event.source, event.node) == ("192.0.2.7", 2)
    assert event.details["join_code"] == str(join_code.pk)
    assert event.details["join_code_by"] == "alice"


def test_refusal_is_in_the_audit_trail(cluster: Cluster, newcomer: Newcomer) -> None:
    newcomer.enrol(make_code()[1], version="7.0.0")

    event = AuditEvent.objects.get(action="join_code.refused")
    assert (event.outcome, event.details["code"]) == ("denied", "core_version_mismatch")


def test_secret_is_in_no_table(cluster: Cluster, newcomer: Newcomer) -> None:
    code = make_code()[1]
    secret = newcomer.enrolment(code)["code"]["secret"]
    newcomer.enrol(code)

    for model in (JoinCode, Operation, AuditEvent):
        assert secret not in str(list(model.objects.values()))


def test_lost_agent_of_the_leader_keeps_the_place_for_the_next_call(
    cluster: Cluster, newcomer: Newcomer, local_agent: FakeAgent
) -> None:
    code = make_code()[1]
    local_agent.available = False
    first = newcomer.enrol(code)
    local_agent.available = True

    second = newcomer.enrol(code)

    assert code_of(first) == (503, "agent_unavailable")
    assert (second.status_code, second.json()["node_id"]) == (200, 2)


def test_undone_join_frees_code_and_address_and_spends_the_id(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    """S4: trying again with the same code works."""
    code = make_code()[1]
    operation = Operation.objects.get(pk=newcomer.enrol(code).json()["operation"])
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)

    again = newcomer.enrol(code).json()

    assert operation.state == "failed"
    assert again["node_id"] == 3
    assert Node.objects.get(pk=3).vpn_address == "10.5.4.2"
    assert not Node.objects.filter(pk=2).exists()
