"""Sync on the leader: who is believed, and what the others are told."""

import time
from typing import Any

import pytest
from django.utils import timezone

from cluster.models import Cluster, Operation
from nodes.agent import signing, tokens
from nodes.agent.encoding import canonical_json, to_base64url
from nodes.agent.tokens import TokenIssuer
from nodes.models import Contact, Node
from tests.cluster.factories import Newcomer, add_node, carry_on
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def test_token_is_good_once(joining: Newcomer, cluster: Cluster) -> None:
    token = joining.agent.token(audience=str(cluster.uuid))
    joining.sync(token=token)

    assert code_of(joining.sync(token=token)) == (401, "token_replayed")


def test_older_token_is_a_replay(joining: Newcomer, cluster: Cluster) -> None:
    older = joining.agent.token(audience=str(cluster.uuid))
    joining.sync()

    assert code_of(joining.sync(token=older)) == (401, "token_replayed")


def test_replayed_sync_changes_nothing(joining: Newcomer, cluster: Cluster) -> None:
    token = joining.agent.token(audience=str(cluster.uuid))
    joining.sync(token=token)
    Contact.objects.update(last_contact=None)

    joining.sync(token=token, generation=9, health={"forged": True})

    contact = Contact.objects.get(node_id=2)
    assert (contact.last_contact, contact.generation, contact.health) == (None, 2, {})


@pytest.mark.parametrize("part", ["header", "payload"])
def test_token_that_is_nested_too_deeply_is_no_token(part: str, joining: Newcomer) -> None:
    deep = to_base64url(b"[" * 4000)
    header = to_base64url(b'{"alg":"Ed25519","typ":"JWT"}')
    token = f"{deep}.e30.e30" if part == "header" else f"{header}.{deep}.e30"

    assert code_of(joining.sync(token=token)) == (401, "cluster_auth_error")


@pytest.mark.parametrize("offset", [-61, 61, -7200, 7200])
def test_wrong_clock_is_named_so_that_the_agent_can_correct_it(
    offset: float, joining: Newcomer
) -> None:
    joining.agent.membership.issuer = TokenIssuer(clock=lambda: time.time() + offset)

    answer = joining.sync()

    assert code_of(answer) == (401, "clock_skew")


@pytest.mark.parametrize("offset", [-55, 55])
def test_clock_that_differs_less_than_a_minute_is_good_enough(
    offset: float, joining: Newcomer
) -> None:
    joining.agent.membership.issuer = TokenIssuer(clock=lambda: time.time() + offset)

    assert joining.sync().status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "a" * 5000], ids=str)
def test_what_is_no_token_is_refused(token: str, joining: Newcomer) -> None:
    answer = joining.client.post(
        "/agent/v1/sync",
        {},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert code_of(answer) == (401, "cluster_auth_error")


def test_token_by_another_key_is_refused(
    joining: Newcomer, local_agent: FakeAgent, cluster: Cluster
) -> None:
    add_node(3)
    impostor = joining.agent.membership
    token = impostor.issuer.issue(impostor.keys.identity, issuer="3", audience=str(cluster.uuid))

    assert code_of(joining.sync(token=token)) == (401, "cluster_auth_error")


def test_token_for_another_cluster_is_refused(joining: Newcomer) -> None:
    token = joining.agent.token(audience="f3b1f1f6-0000-4000-8000-000000000000")

    assert code_of(joining.sync(token=token)) == (401, "cluster_auth_error")


def test_machine_that_is_no_member_is_told_so(joining: Newcomer) -> None:
    Node.objects.filter(pk=2).delete()

    answer = joining.sync()

    assert code_of(answer) == (401, "node_not_found")


def test_machine_whose_join_was_undone_is_told_why(joining: Newcomer) -> None:
    operation = Operation.objects.get(kind="join")
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)

    assert operation.error_detail in joining.sync().json()["detail"]


def test_forger_of_the_machines_key_is_not_told_why_its_join_was_undone(
    joining: Newcomer, cluster: Cluster, local_agent: FakeAgent
) -> None:
    operation = Operation.objects.get(kind="join")
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)
    claims = tokens.read_unverified(joining.agent.token(audience=str(cluster.uuid)))
    payload = {
        "iss": "2",
        "key": claims.key,
        "aud": claims.audience,
        "iat": claims.issued_at,
        "iat_us": claims.issued_at_us,
        "exp": claims.expires_at,
        "jti": claims.id,
    }
    key = local_agent.membership.keys.identity
    forged = signing.sign(canonical_json(payload), key=key, key_id="2", kind="JWT")

    answer = joining.sync(token=forged)

    assert code_of(answer) == (401, "cluster_auth_error")


def test_stranger_is_not_told_why_a_join_was_undone(
    joining: Newcomer, cluster: Cluster, local_agent: FakeAgent
) -> None:
    operation = Operation.objects.get(kind="join")
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)
    stranger = local_agent.membership
    token = stranger.issuer.issue(stranger.keys.identity, issuer="2", audience=str(cluster.uuid))

    assert operation.error_detail not in joining.sync(token=token).json()["detail"]
