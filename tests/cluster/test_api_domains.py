"""``/api/v1/domains/``: making domains, providing them, and looking whether they answer (S16)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from cluster.models import Cluster, Domain
from cluster.services import directory_standing
from nodes.models import Command, Node
from tests.accounts.factories import make_administrator, make_auditor, named_client
from tests.cluster.factories import add_node, hear_from, json_client
from tests.cluster.providing import NAME, make_domain

pytestmark = pytest.mark.django_db
URL = "/api/v1/domains/"
ONE = f"{URL}{NAME}/"
EXTERNAL: dict[str, Any] = {
    "name": "example.net",
    "kind": "external",
    "urls": ["ldaps://ldap.example.net"],
    "base_dn": "dc=example,dc=net",
    "bind_dn": "cn=reader,dc=example,dc=net",
    "password": "open sesame",
}
NEWER, OLDER = "20261122183426.5Z#000000", "20261122183422.1Z#000000"


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """A program of an administrator, whose token needs no proof; node 2 is heard."""
    add_node(2)
    hear_from(2)
    client = named_client(make_administrator())
    client.default_format = "json"
    return client


def refusal(answer: Any) -> tuple[int, str, str | None]:
    error = answer.json()["errors"][0]
    return answer.status_code, error["code"], error["attr"]


def test_domain_is_created_and_says_what_applications_need_but_for_the_password(
    api: APIClient,
) -> None:
    made = api.post(URL, {"name": "Example.org"})

    assert made.status_code == 201
    assert made.json() == api.get(ONE).json()
    assert made.json() == {
        "name": NAME,
        "kind": "provided",
        "providers": 0,
        "nodes": [],
        "urls": [],
        "base_dn": "dc=example,dc=org",
        "bind_dn": "cn=admin,dc=example,dc=org",
        "verify_tls": True,
        "start_tls": False,
        "ca": "",
    }


def test_domain_elsewhere_is_registered_and_does_not_show_its_password(api: APIClient) -> None:
    made = api.post(URL, EXTERNAL)

    assert (made.status_code, made.json()["urls"]) == (201, ["ldaps://ldap.example.net"])
    assert "sesame" not in made.text + api.get(URL).text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "required", "name")),
        ({"name": "localhost"}, (400, "domain_invalid", "name")),
        ({"name": "a\u0000.org"}, (400, "parse_error", None)),
        ({"name": NAME, "port": 0}, (400, "min_value", "port")),
        ({"name": NAME, "kind": "magic"}, (400, "invalid_choice", "kind")),
        ({"name": NAME, "urls": ["ldap://a.org"]}, (400, "invalid", "urls")),
        (EXTERNAL | {"urls": ["http://a.org"]}, (400, "domain_invalid", "urls")),
        (EXTERNAL | {"base_dn": "example"}, (400, "domain_invalid", "base_dn")),
        (EXTERNAL | {"password": ""}, (400, "domain_invalid", "password")),
        (EXTERNAL | {"bind_dn": ""}, (400, "domain_invalid", "bind_dn")),
        (EXTERNAL | {"port": 389}, (400, "invalid", "port")),
        ({"name": "example.net", "kind": "external"}, (400, "invalid", "base_dn")),
    ],
    ids=lambda value: "",
)
def test_bad_input_is_refused_with_its_field(
    body: dict[str, Any], expected: tuple[int, str, str | None], api: APIClient
) -> None:
    assert refusal(api.post(URL, body)) == expected
    assert not Domain.objects.exists()


def test_provider_is_added_by_an_operation_and_another_one_has_to_wait(api: APIClient) -> None:
    make_domain()
    added = api.post(f"{ONE}providers/", {"node": 2})
    assert (added.status_code, added.json()["operation"]["kind"]) == (202, "install_application")

    assert refusal(api.post(f"{ONE}providers/", {"node": 2}))[:2] == (409, "domain_busy")


def test_last_provider_is_removed_only_with_the_domains_name(api: APIClient) -> None:
    make_domain(nodes=(2,))
    provider = f"{ONE}providers/2/"

    assert refusal(api.delete(provider)) == (400, "confirmation_mismatch", "confirmation")
    removed = api.delete(provider, {"confirmation": NAME})
    assert (removed.status_code, removed.json()["operation"]["kind"]) == (202, "remove_application")


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("post", "providers/", {"node": 99}, (404, "node_not_found", None)),
        ("post", "providers/", {"node": "x"}, (400, "invalid", "node")),
        ("post", "providers/", {"node": 2}, (409, "provider_known", "node")),
        ("delete", "providers/7/", {}, (404, "provider_not_found", None)),
        ("delete", "", {"confirmation": NAME}, (409, "domain_has_providers", None)),
        ("delete", "", {}, (400, "confirmation_mismatch", "confirmation")),
    ],
    ids=lambda value: "",
)
def test_what_is_not_possible_is_refused(
    method: str, path: str, body: Any, expected: Any, api: APIClient
) -> None:
    make_domain(nodes=(2,))
    assert refusal(getattr(api, method)(f"{ONE}{path}", body)) == expected


@pytest.mark.parametrize("path", ["", "standing/", "providers/"])
def test_domain_that_nobody_knows_is_not_found(path: str, api: APIClient) -> None:
    assert refusal(api.get(f"{URL}nobody.example.org/{path}"))[:2] == (404, "domain_not_found")


def test_domain_without_providers_is_removed(api: APIClient) -> None:
    make_domain()
    assert api.delete(ONE, {"confirmation": NAME}).status_code == 204
    assert api.get(URL).json()["results"] == []


def test_password_is_shown_to_an_administrator(api: APIClient) -> None:
    api.post(URL, EXTERNAL)
    shown = api.post(f"{URL}example.net/password/").json()
    assert shown == {"bind_dn": EXTERNAL["bind_dn"], "password": "open sesame"}


@pytest.mark.parametrize(
    ("method", "path"), [("post", "password/"), ("delete", ""), ("delete", "providers/2/")]
)
def test_what_is_dangerous_needs_a_proof(method: str, path: str, cluster: Cluster) -> None:
    make_domain()
    client = json_client(make_administrator())
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        answer = getattr(client, method)(f"{ONE}{path}")
    assert refusal(answer)[:2] == (403, "proof_required")


def test_auditor_may_look_and_not_touch(api: APIClient) -> None:
    make_domain()
    auditor = json_client(make_auditor())
    assert auditor.get(ONE).status_code == 200
    tried = [auditor.post(URL, {}), auditor.delete(ONE), auditor.post(f"{ONE}password/")]
    assert {answer.status_code for answer in tried} == {403}


def seen(*positions: str) -> dict[str, Any]:
    return {"url": "ldap://10.5.4.2:389", "ok": True, "positions": list(positions)}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([f"{NEWER}#001#000000"], [f"{NEWER}#001#000000"], ["in_step", "in_step"]),
        ([f"{NEWER}#001#000000"], [f"{OLDER}#001#000000"], ["in_step", "behind"]),
        ([f"{NEWER}#001#000000"], [f"{NEWER}#002#000000"], ["behind", "behind"]),
        ([f"{NEWER}#001#000000"], [], ["in_step", "behind"]),
        ([], [], ["in_step", "in_step"]),
        (["nonsense", "#"], [], ["in_step", "in_step"]),
    ],
    ids=["same", "older", "each has more", "nothing yet", "nothing at all", "nonsense"],
)
def test_provider_that_lacks_a_change_is_behind(
    first: list[str], second: list[str], expected: list[str]
) -> None:
    pairs = [(Node(id=1), seen(*first)), (Node(id=2), seen(*second))]
    assert [sight.state for sight in directory_standing.compare(pairs)] == expected


@pytest.fixture
def nodes_say(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What every node answers at once; the questions are in ``asked``."""
    said: dict[str, Any] = {"result": {}, "asked": []}

    def await_answers(command_ids: list[int], *, patience: float) -> None:
        commands = Command.objects.filter(pk__in=command_ids)
        said["asked"] = list(commands.values_list("node_id", "arguments"))
        commands.update(acknowledged_at=timezone.now(), result=said["result"])

    monkeypatch.setattr(directory_standing, "await_answers", await_answers)
    return said


def standing(api: APIClient, name: str) -> list[tuple[Any, ...]]:
    told = api.get(f"{URL}{name}/standing/").json()["directories"]
    return [(each["node"], each["state"], each["failed"], each["detail"]) for each in told]


def test_every_node_is_asked_whether_it_reaches_a_directory_elsewhere(
    api: APIClient, nodes_say: dict[str, Any]
) -> None:
    add_node(3)
    url = EXTERNAL["urls"][0]
    refused = {"url": url, "ok": False, "failed": "bind", "detail": "No."}
    nodes_say["result"] = {"ok": True, "data": {"directories": [refused]}}
    api.post(URL, EXTERNAL)

    told = standing(api, "example.net")

    assert (2, "unreachable", "bind", "No.") in told
    assert (3, "unreachable", "", "The node is offline.") in told
    assert "sesame" not in str(nodes_say["asked"])
    assert not Command.objects.filter(verb="probe_directory").exists()


def test_each_node_is_asked_of_its_own_provider_without_a_password(
    api: APIClient, nodes_say: dict[str, Any]
) -> None:
    make_domain(nodes=(2,))
    url = f"ldap://{Node.objects.get(pk=2).vpn_address}:389"
    nodes_say["result"] = {"ok": True, "data": {"directories": [{"url": url, "ok": True}]}}

    assert standing(api, NAME) == [(2, "in_step", "", "")]
    ((node, asked),) = nodes_say["asked"]
    assert (node, asked["urls"], asked["bind_dn"], asked["sealed"]) == (2, [url], "", "")


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"ok": False, "data": {"code": "unsupported"}},
        {"ok": True, "data": []},
        {"ok": True, "data": {"directories": "yes"}},
        {"ok": True, "data": {"directories": [None, {"url": 7}]}},
    ],
    ids=str,
)
def test_nonsense_of_a_node_is_no_answer(
    result: Any, api: APIClient, nodes_say: dict[str, Any]
) -> None:
    make_domain(nodes=(2,))
    nodes_say["result"] = result
    assert standing(api, NAME) == [(2, "unreachable", "", "The node does not answer.")]
