"""Enrolment on the leader: who gets no place, and what they hear."""

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
from nodes.models import Node
from tests.cluster.factories import (
    ADMIN,
    Newcomer,
    add_node,
    create_cluster,
    make_code,
    unknown_id,
)
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def test_code_of_another_machine_is_used(
    cluster: Cluster, newcomer: Newcomer, tmp_path: Path
) -> None:
    code = make_code()[1]
    newcomer.enrol(code)

    answer = Newcomer.make(tmp_path, fqdn="node3.example.org").enrol(code)

    assert code_of(answer) == (400, "join_code_used")


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
