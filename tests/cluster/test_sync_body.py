"""Sync on the leader: whatever is sent, it is never an error of ours."""

import json
from typing import Any

import pytest

from cluster.models import Cluster
from nodes.models import Contact
from tests.cluster.factories import Newcomer

pytestmark = pytest.mark.django_db


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


@pytest.mark.parametrize(
    "changes",
    [
        {"term": "1"},
        {"generation": -1},
        {"generation": 2**40},
        {"applied_generation": True},
        {"facts": []},
        {"health": None},
        {"health": "up"},
        {"facts_digest": "x" * 65},
        {"results": {}},
        {"results": [1]},
        {"results": [{"id": 1}]},
        {"results": [{"id": 1, "ok": 1, "data": None}] * 101},
    ],
    ids=str,
)
def test_wrong_member_is_named(changes: dict[str, Any], joining: Newcomer) -> None:
    answer = joining.sync(**changes)

    assert code_of(answer) == (400, "request_malformed")
    assert answer.json()["field"] in changes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b'{"a":' * 20_000,
        "{}".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_garbage_is_refused_and_never_an_error_of_ours(body: bytes, joining: Newcomer) -> None:
    token = joining.agent.token(audience=str(Cluster.objects.get().uuid))

    answer = joining.client.post(
        "/agent/v1/sync",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert code_of(answer) == (400, "request_malformed")


@pytest.mark.parametrize(
    "value", ["1e999", "NaN", "-Infinity", "9" * 5000, '"\\u0000"', '"\\ud800"', '"\\udfff x"']
)
def test_value_that_no_database_can_store_is_refused(value: str, joining: Newcomer) -> None:
    message: dict[str, Any] = {
        "term": 1,
        "generation": 2,
        "applied_generation": 2,
        "facts": None,
        "facts_digest": "",
        "health": {"a": 0},
        "results": [],
    }
    token = joining.agent.token(audience=str(Cluster.objects.get().uuid))

    answer = joining.client.post(
        "/agent/v1/sync",
        json.dumps(message).replace('{"a": 0}', f'{{"a": {value}}}'),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert code_of(answer) == (400, "request_malformed")


def test_characters_beyond_the_basic_plane_are_no_garbage(joining: Newcomer) -> None:
    answer = joining.sync(health={"note": "\U0001f6a2"})

    assert answer.status_code == 200
    assert Contact.objects.get(node_id=2).health == {"note": "\U0001f6a2"}


def test_huge_body_is_refused(joining: Newcomer) -> None:
    answer = joining.sync(health={"a": "x" * 300_000})

    assert code_of(answer) == (413, "request_too_large")


def test_other_methods_are_refused(joining: Newcomer) -> None:
    assert code_of(joining.client.get("/agent/v1/sync")) == (405, "method_not_allowed")
