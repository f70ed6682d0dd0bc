"""Enrolment on the leader, through its agent API: who gets a place, and what the others hear."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from cluster.models import Cluster, JoinCode, Operation
from cluster.services.join_codes import revoke_join_code
from cluster.services.settings import change_cluster
from config.version import VERSION
from nodes.agent import document
from nodes.local_agent import AgentRefused
from nodes.models import Node
from tests.cluster.factories import (
    ADMIN,
    Newcomer,
    add_node,
    carry_on,
    create_cluster,
    make_code,
    unknown_id,
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


def test_code_of_another_machine_is_used(
    cluster: Cluster, newcomer: Newcomer, tmp_path: Path
) -> None:
    code = make_code()[1]
    newcomer.enrol(code)

    answer = Newcomer.make(tmp_path, fqdn="node3.example.org").enrol(code)

    assert code_of(answer) == (400, "join_code_used")


def test_code_whose_node_is_gone_is_still_good_for_the_machine_that_used_it(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    join_code, code = make_code()
    key = newcomer.agent.status()["keys"]["identity_key"]
    JoinCode.objects.filter(pk=join_code.pk).update(used_by=key)

    assert newcomer.enrol(code).status_code == 201


def test_expired_code_is_refused(cluster: Cluster, newcomer: Newcomer) -> None:
    join_code, code = make_code()
    JoinCode.objects.filter(pk=join_code.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert code_of(newcomer.enrol(code)) == (400, "join_code_expired")


def test_revoked_code_is_refused(cluster: Cluster, newcomer: Newcomer) -> None:
    join_code, code = make_code()
    revoke_join_code(join_code, actor=ADMIN)

    assert code_of(newcomer.enrol(code)) == (400, "join_code_revoked")


@pytest.mark.parametrize("stranger", ["unknown", "wrong secret", "no token", "stolen token"])
def test_strangers_are_all_answered_alike(
    stranger: str, cluster: Cluster, newcomer: Newcomer, tmp_path: Path
) -> None:
    """Whoever does not know the secret learns nothing from the answer."""
    code = make_code()[1]
    body = newcomer.enrolment(code)
    other = Newcomer.make(tmp_path, fqdn="node3.example.org")
    changes: dict[str, dict[str, Any]] = {
        "unknown": {"code": {"id": unknown_id(), "secret": body["code"]["secret"]}},
        "wrong secret": {"code": {"id": body["code"]["id"], "secret": "x" * 22}},
        "no token": {"token": "a.b.c"},
        "stolen token": {"token": other.agent.token(audience=str(cluster.uuid))},
    }

    answer = newcomer.enrol(code, **changes[stranger])

    assert answer.status_code == 401
    assert answer.content == (
        b'{"code": "cluster_auth_error", "detail": "The proof was not accepted."}'
    )
    assert Node.objects.count() == 1


def test_token_for_another_cluster_is_refused(cluster: Cluster, newcomer: Newcomer) -> None:
    token = newcomer.agent.token(audience=unknown_id())

    answer = newcomer.enrol(make_code()[1], token=token)

    assert code_of(answer) == (401, "cluster_auth_error")


def test_fifth_machine_is_refused_before_anything_is_allocated(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    """S4."""
    for number in (2, 3, 4):
        add_node(number)
    code = make_code()[1]
    before = Cluster.objects.get()

    answer = newcomer.enrol(code)

    after = Cluster.objects.get()
    assert code_of(answer) == (409, "cluster_is_full")
    assert (after.next_node_id, after.generation) == (before.next_node_id, before.generation)
    assert not Operation.objects.filter(kind="join").exists()
    assert JoinCode.objects.get().state == "active"


def test_same_code_joins_once_the_limit_is_raised(cluster: Cluster, newcomer: Newcomer) -> None:
    """S4."""
    for number in (2, 3, 4):
        add_node(number)
    code = make_code()[1]
    refused = newcomer.enrol(code, fqdn="node5.example.org")

    change_cluster(actor=ADMIN, max_nodes=5)

    assert code_of(refused) == (409, "cluster_is_full")
    assert newcomer.enrol(code, fqdn="node5.example.org").json()["node_id"] == 5


@pytest.mark.parametrize("fqdn", ["node1.example.org", "NODE1.example.org", "node2.example.org"])
def test_name_that_is_taken_is_a_field_error(
    fqdn: str, cluster: Cluster, newcomer: Newcomer
) -> None:
    """S10: no duplicate, and not the leader's."""
    add_node(2)

    answer = newcomer.enrol(make_code()[1], fqdn=fqdn)

    assert code_of(answer) == (400, "cluster_hostname_error")
    assert answer.json()["field"] == "fqdn"


@pytest.mark.parametrize("name", ["identity_key", "wireguard_key", "sealing_key"])
def test_key_of_a_member_makes_no_second_node(
    name: str, cluster: Cluster, newcomer: Newcomer
) -> None:
    keys = newcomer.agent.status()["keys"]
    add_node(2, **{name: keys[name]}, fqdn="other.example.org")  # type: ignore[literal-required]

    answer = newcomer.enrol(make_code()[1])

    assert code_of(answer) == (409, "public_key_matches_existing_node")


def test_machine_of_another_version_is_refused(cluster: Cluster, newcomer: Newcomer) -> None:
    answer = newcomer.enrol(make_code()[1], version="7.0.0")

    assert code_of(answer) == (409, "core_version_mismatch")


def test_other_patch_level_joins(cluster: Cluster, newcomer: Newcomer) -> None:
    major, minor, _ = VERSION.split(".")

    assert newcomer.enrol(make_code()[1], version=f"{major}.{minor}.99").status_code == 201


def test_machine_whose_network_the_vpn_would_hide_is_refused(
    cluster: Cluster, newcomer: Newcomer
) -> None:
    answer = newcomer.enrol(make_code()[1], networks=["10.5.0.0/16"])

    assert code_of(answer) == (400, "vpn_network_overlaps")


def test_second_machine_is_told_to_wait_while_one_is_joining(
    cluster: Cluster, newcomer: Newcomer, tmp_path: Path
) -> None:
    newcomer.enrol(make_code()[1])
    other = Newcomer.make(tmp_path, fqdn="node3.example.org")

    answer = other.enrol(make_code()[1])

    assert code_of(answer) == (409, "operation_in_progress")
    assert answer["Retry-After"]
    assert not AuditEvent.objects.filter(action="join_code.refused").exists()


def test_waiting_machine_is_told_to_wait_rather_than_that_the_cluster_is_full(
    local_agent: FakeAgent, newcomer: Newcomer, tmp_path: Path
) -> None:
    """The one that is joining may fail yet."""
    create_cluster(max_nodes=2)
    newcomer.enrol(make_code()[1])

    answer = Newcomer.make(tmp_path, fqdn="node3.example.org").enrol(make_code()[1])

    assert code_of(answer) == (409, "operation_in_progress")


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


@pytest.mark.django_db(transaction=True)
def test_of_twenty_machines_with_one_code_exactly_one_becomes_a_node(
    local_agent: FakeAgent, tmp_path: Path
) -> None:
    """The race is decided by one guarded UPDATE, on SQLite and on PostgreSQL."""
    create_cluster(max_nodes=30)
    code = make_code()[1]
    machines = [Newcomer.make(tmp_path, fqdn=f"m{number}.example.org") for number in range(20)]
    bodies = [machine.enrolment(code) for machine in machines]
    barrier = threading.Barrier(len(machines))
    answers: list[tuple[int, str]] = []

    def attempt(body: dict[str, Any]) -> None:
        barrier.wait()
        answer = Client().post("/agent/v1/enrol", body, content_type="application/json")
        answers.append(code_of(answer))
        connection.close()

    threads = [threading.Thread(target=attempt, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers, key=str) == [(201, None)] + [(400, "join_code_used")] * 19
    assert Node.objects.count() == 2
    assert Operation.objects.filter(kind="join").count() == 1
