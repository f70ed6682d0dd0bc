"""``/api/v1/nodes/{id}/promotion/``: the pre-flight, and the request."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.actions import AuditAction
from audit.models import AuditEvent
from cluster.models import Cluster, Operation
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import json_client
from tests.cluster.lookouts import Lookouts, add_fleet

pytestmark = pytest.mark.django_db
URL = "/api/v1/nodes/{}/promotion/"
WANTED = {"confirmation": "node2", "vpn_address": "node2.example.org", "vpn_port": 55820}


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader of three nodes."""
    add_fleet()
    return json_client(make_administrator())


@pytest.fixture
def lookouts(api: APIClient) -> Iterator[Lookouts]:
    made = Lookouts()
    with made.on_duty():
        yield made


def promote(api: APIClient, number: int = 2, **changes: Any) -> Any:
    return api.post(URL.format(number), WANTED | changes)


def code_of(answer: Any) -> tuple[int, str, str | None]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["code"], error["attr"]


def test_preflight_has_the_shape_that_programs_rely_on(api: APIClient, lookouts: Lookouts) -> None:
    """S36."""
    answer = api.get(URL.format(2))

    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert {frozenset(each) for each in answer.json()["checks"]} == {
        frozenset({"from", "kind", "ok", "detail"})
    }
    assert answer.json()["checks"][0] == {
        "from": "node1",
        "kind": "answer",
        "ok": True,
        "detail": "node1 (node1.example.org) answered.",
    }


def test_failure_is_no_error_of_the_question(api: APIClient, lookouts: Lookouts) -> None:
    lookouts.hear(2, 3, heard=False)

    answer = api.get(URL.format(2))

    failed = [each for each in answer.json()["checks"] if not each["ok"]]
    assert (answer.status_code, answer.json()["ok"]) == (200, False)
    assert [(each["from"], each["kind"]) for each in failed] == [("node3", "vpn")]


def test_auditor_may_look(api: APIClient, lookouts: Lookouts) -> None:
    assert json_client(make_auditor()).get(URL.format(2)).status_code == 200


@pytest.mark.parametrize(("number", "code"), [(9, "node_not_found"), (1, "node_is_already_leader")])
def test_look_at_what_cannot_be_promoted(number: int, code: str, api: APIClient) -> None:
    assert code_of(api.get(URL.format(number)))[1] == code


def test_promotion_is_accepted(api: APIClient) -> None:
    answer = promote(api)

    operation = Operation.objects.get(kind=Operation.Kind.PROMOTE)
    assert answer.status_code == 202
    assert answer.json()["operation"]["id"] == str(operation.pk)
    assert answer.headers["Location"] == f"/api/v1/operations/{operation.pk}/"
    assert operation.parameters["check_connectivity"] is True


def test_unchecked_promotion_is_recorded_as_such(api: APIClient) -> None:
    """S38."""
    promote(api, check_connectivity=False)

    [event] = AuditEvent.objects.filter(action=AuditAction.NODE_PROMOTION_REQUESTED)
    assert event.details["check_connectivity"] is False


@pytest.mark.parametrize(
    ("number", "changes", "refusal"),
    [
        (9, {}, (404, "node_not_found", None)),
        (1, {"confirmation": "node1"}, (409, "node_is_already_leader", None)),
        (2, {"confirmation": "node3"}, (400, "confirmation_mismatch", "confirmation")),
        (2, {"vpn_port": 65536}, (400, "endpoint_invalid", "vpn_port")),
        (2, {"vpn_address": "a b"}, (400, "endpoint_invalid", "vpn_address")),
        (2, {"vpn_port": "x"}, (400, "invalid", "vpn_port")),
        (2, {"vpn_address": None}, (400, "null", "vpn_address")),
    ],
)
def test_refusals(number: int, changes: Any, refusal: Any, api: APIClient) -> None:
    assert code_of(promote(api, number, **changes)) == refusal
    assert not Operation.objects.filter(kind=Operation.Kind.PROMOTE).exists()
