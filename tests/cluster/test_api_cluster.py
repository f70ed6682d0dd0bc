"""``/api/v1/cluster/``: what it answers, what it refuses, and in which shape."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from cluster.models import Cluster, Operation
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import add_node, json_client
from tests.cluster.fake_leader import FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
CREATE = {
    "label": "Fleet",
    "vpn_network": "10.5.4.0/24",
    "endpoint": "node1.example.org:55820",
}


@pytest.fixture
def api(local_agent: FakeAgent) -> APIClient:
    """An administrator's program, on a machine without a cluster unless a test makes one."""
    return json_client(make_administrator())


def error_of(answer: Any) -> tuple[int, str, str | None]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["attr"]


def test_new_machine_says_only_its_role(api: APIClient) -> None:
    answer = api.get("/api/v1/cluster/").json()

    assert answer["role"] == "uninitialised"
    assert answer.pop("contested") == []
    assert {value for name, value in answer.items() if name != "role"} == {None}


def test_leader_describes_the_cluster(api: APIClient, cluster: Cluster) -> None:
    answer = api.get("/api/v1/cluster/").json()

    created_at = answer.pop("created_at")
    assert created_at
    assert answer == {
        "role": "leader",
        "node": 1,
        "label": "Fleet",
        "uuid": str(cluster.uuid),
        "vpn_network": "10.5.4.0/24",
        "max_nodes": 4,
        "term": 1,
        "generation": 1,
        "leader": 1,
        "successor": None,
        "contested": [],
        "removed": None,
    }


def test_creation_is_accepted_with_its_operation_and_the_recovery_key(api: APIClient) -> None:
    answer = api.post("/api/v1/cluster/create/", CREATE)

    body = answer.json()
    assert answer.status_code == 202
    assert body["recovery_key"].startswith("FLTR1.")
    assert (body["operation"]["kind"], body["operation"]["state"]) == ("create", "pending")
    assert answer["Location"] == f"/api/v1/operations/{body['operation']['id']}/"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vpn_network": "8.8.8.0/24"}, "not_a_private_network"),
        ({"vpn_network": "10.5.4.0/30"}, "vpn_network_too_small"),
        ({"vpn_network": "192.0.2.0/24"}, "not_a_private_network"),
        ({"vpn_network": "10.5.4.1/24"}, "vpn_network_invalid"),
        ({"vpn_network": "fd00::/64"}, "vpn_network_invalid"),
        ({"vpn_network": "10.9.0.0/16"}, "vpn_network_overlaps"),
        ({"endpoint": "node1.example.org:0"}, "endpoint_invalid"),
        ({"endpoint": "node1.example.org:70000"}, "endpoint_invalid"),
        ({"endpoint": "node1.example.org;id:55820"}, "endpoint_invalid"),
        ({"endpoint": "node1.example.org:55820\n"}, "endpoint_invalid"),
        ({"label": "two\nlines"}, "label_invalid"),
        ({"label": ""}, "blank"),
        ({"label": "x" * 65}, "max_length"),
        ({"max_nodes": 0}, "min_value"),
        ({"max_nodes": 10**9}, "max_value"),
        ({"max_nodes": "many"}, "invalid"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_value_is_a_field_error_and_nothing_is_stored(
    changes: dict[str, Any], code: str, api: APIClient, local_agent: FakeAgent
) -> None:
    local_agent.machine.own_networks = ["10.9.8.0/24"]

    answer = api.post("/api/v1/cluster/create/", CREATE | changes)

    assert error_of(answer) == (400, code, next(iter(changes)))
    assert not Operation.objects.exists()


def test_leader_creates_no_second_cluster(api: APIClient, cluster: Cluster) -> None:
    answer = api.post("/api/v1/cluster/create/", CREATE)

    assert error_of(answer) == (409, "cluster_network_already_set", None)


def test_second_creation_is_refused_while_one_runs(api: APIClient) -> None:
    api.post("/api/v1/cluster/create/", CREATE)

    answer = api.post("/api/v1/cluster/create/", CREATE)

    assert error_of(answer) == (409, "operation_in_progress", None)
    assert answer["Retry-After"]


def test_stopped_agent_is_a_503(api: APIClient, local_agent: FakeAgent) -> None:
    local_agent.available = False
    api.raise_request_exception = False

    assert error_of(api.post("/api/v1/cluster/create/", CREATE))[:2] == (503, "agent_unavailable")


def test_join_is_accepted_with_its_operation(api: APIClient, tmp_path: Path) -> None:
    """S7, S12."""
    code = FakeLeader(tmp_path / "leader").code()

    answer = api.post("/api/v1/cluster/join/", {"code": code, "fqdn": "node2.example.org"})

    assert answer.status_code == 202
    assert answer.json()["operation"]["kind"] == "enrol"


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({}, "required", "code"),
        ({"code": ""}, "blank", "code"),
        ({"code": "   "}, "blank", "code"),
        ({"code": "hello"}, "join_code_malformed", "code"),
        ({"code": "FLT1.eyJ2IjoxLCJ1cmxz"}, "join_code_truncated", "code"),
        ({"code": "FLT1.AAAA"}, "join_code_corrupted", "code"),
        ({"code": "x" * 20_000}, "max_length", "code"),
        ({"code": "hello", "tls_verify": "perhaps"}, "invalid", "tls_verify"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_code_is_a_field_error(
    body: dict[str, Any], code: str, attr: str, api: APIClient
) -> None:
    """S12: empty, garbled, truncated, altered: each says what it is."""
    assert error_of(api.post("/api/v1/cluster/join/", body)) == (400, code, attr)


def test_bad_name_is_a_field_error(api: APIClient, tmp_path: Path) -> None:
    """S10."""
    code = FakeLeader(tmp_path / "leader").code()

    answer = api.post("/api/v1/cluster/join/", {"code": code, "fqdn": "node_2"})

    assert error_of(answer) == (400, "cluster_hostname_error", "fqdn")


def test_settings_are_changed(api: APIClient, cluster: Cluster) -> None:
    answer = api.patch("/api/v1/cluster/", {"label": "Ships", "max_nodes": 9}).json()

    assert (answer["label"], answer["max_nodes"], answer["generation"]) == ("Ships", 9, 2)


def test_limit_below_the_number_of_nodes_is_a_field_error(api: APIClient, cluster: Cluster) -> None:
    add_node(2)

    answer = api.patch("/api/v1/cluster/", {"max_nodes": 1})

    assert error_of(answer) == (400, "max_nodes_too_low", "max_nodes")


def test_limit_above_the_networks_size_is_a_field_error(api: APIClient, cluster: Cluster) -> None:
    answer = api.patch("/api/v1/cluster/", {"max_nodes": 255})

    assert error_of(answer) == (400, "max_nodes_too_high", "max_nodes")


def test_settings_need_a_cluster(api: APIClient) -> None:
    answer = api.patch("/api/v1/cluster/", {"label": "Ships"})

    assert error_of(answer) == (409, "cluster_not_created", None)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"\xff", b"[" * 50_000, b'"x"', b'{"label": "\\u0000"}'],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize("path", ["create/", "join/"])
def test_garbage_is_refused_and_never_an_error_of_ours(
    path: str, body: Any, api: APIClient
) -> None:
    answer = api.generic("POST", f"/api/v1/cluster/{path}", body, content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("patch", ""), ("post", "create/"), ("post", "join/")],
)
def test_strangers_are_refused(method: str, path: str, local_agent: FakeAgent) -> None:
    answer = getattr(APIClient(), method)(f"/api/v1/cluster/{path}", {})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [("patch", ""), ("post", "create/"), ("post", "join/")]
)
def test_auditor_changes_nothing(method: str, path: str, local_agent: FakeAgent) -> None:
    answer = getattr(json_client(make_auditor()), method)(f"/api/v1/cluster/{path}", {})

    assert answer.status_code == 403


def test_auditor_reads_the_cluster(local_agent: FakeAgent) -> None:
    assert json_client(make_auditor()).get("/api/v1/cluster/").status_code == 200
