"""``/api/v1/applications/`` and its neighbours, for programs that install and change."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from cluster.models import Cluster, Operation
from cluster.services import application_logs
from nodes.models import Application, Command
from tests.accounts.factories import make_administrator, make_auditor, named_client
from tests.cluster.factories import add_node, hear_from, json_client
from tests.cluster.installing import installed

pytestmark = pytest.mark.django_db
URL = "/api/v1/applications/"
GOOD: dict[str, Any] = {"node": 2, "name": "web", "image": "localhost/site:1"}


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


def of(application: str = "web") -> str:
    return f"{URL}{Application.objects.get(name=application).pk}/"


def test_installation_is_accepted_and_can_be_followed(api: APIClient) -> None:
    answer = api.post(URL, GOOD | {"ports": [{"container": 80, "host": 8080}]})
    operation = answer.json()["operation"]
    assert (answer.status_code, operation["kind"]) == (202, "install_application")
    assert answer["Location"].endswith(f"/operations/{operation['id']}/")


def test_template_is_installed(api: APIClient) -> None:
    wanted = {"node": 2, "name": "hi", "template": "whoami", "parameters": {"port": 9000}}
    assert api.post(URL, wanted).status_code == 202


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "No"}, (400, "application_invalid", "name")),
        ({"name": ""}, (400, "blank", "name")),
        ({"image": "nginx"}, (400, "application_invalid", "image")),
        ({"node": 99}, (404, "node_not_found", None)),
        ({"node": "two"}, (400, "invalid", "node")),
        ({"privileged": True}, (400, "privileged_refused", "privileged")),
        ({"network": "host"}, (400, "host_network_refused", "network")),
        ({"volumes": [{"path": "/x", "source": "/etc"}]}, (400, "host_path_refused", "volumes")),
        ({"volumes": [{"path": "/x", "source": "../x"}]}, (400, "application_invalid", "volumes")),
        ({"ports": [{"container": 0}]}, (400, "min_value", "ports.0.container")),
        ({"ports": {"80": 80}}, (400, "not_a_list", "ports.non_field_errors")),
        ({"environment": {"1": "x"}}, (400, "application_invalid", "environment")),
        ({"environment": {"A": "a\u0000b"}}, (400, "parse_error", None)),
        ({"secrets": {"A B": "x"}}, (400, "application_invalid", "secrets")),
        ({"memory": 10**9}, (400, "max_value", "memory")),
        ({"health": {"kind": "http", "port": 80}}, (400, "application_invalid", "health")),
        ({"archive": "../x.tar"}, (400, "application_invalid", "archive")),
        ({"template": "whoami"}, (400, "invalid", "image")),
        ({"image": None}, (400, "null", "image")),
    ],
)
def test_bad_input_is_refused_with_its_field(
    changes: dict[str, Any], expected: tuple[int, str, str], api: APIClient
) -> None:
    assert refusal(api.post(URL, GOOD | changes)) == expected
    assert not Operation.objects.filter(kind="install_application").exists()


@pytest.mark.parametrize(
    ("parameters", "secrets", "code"),
    [
        ({"port": "x"}, {}, "application_parameters_invalid"),
        ({"colour": 1}, {}, "application_parameters_invalid"),
        ({}, {"PASSWORD": "x"}, "application_secret_missing"),
    ],
)
def test_bad_parameters_are_refused(
    parameters: Any, secrets: Any, code: str, api: APIClient
) -> None:
    wanted = {"node": 2, "name": "hi", "template": "whoami"}
    answer = api.post(URL, wanted | {"parameters": parameters, "secrets": secrets})
    assert refusal(answer)[:2] == (400, code)


def test_unknown_template_is_not_found(api: APIClient) -> None:
    answer = api.post(URL, {"node": 2, "name": "hi", "template": "x"})
    assert refusal(answer)[:2] == (404, "application_template_not_found")


def test_application_says_what_it_shall_be_and_no_secret(api: APIClient) -> None:
    installed(given={"TOKEN": "hunter2"})
    shown = api.get(of())
    assert shown.json()["installed"]["definition"]["secrets"] == ["TOKEN"]
    assert "hunter2" not in shown.content.decode()


def test_what_is_not_given_stays(api: APIClient) -> None:
    installed(environment={"A": "1"}, ports=[{"container": 80}])
    assert api.patch(of(), {"image": "localhost/site:2"}).status_code == 202
    wanted = Operation.objects.latest("created_at").parameters["definition"]
    assert (wanted["image"], wanted["environment"]) == ("localhost/site:2", {"A": "1"})
    assert wanted["ports"][0]["container"] == 80


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "state"),
        ({"state": "paused"}, "state"),
        ({"state": "stopped", "image": "localhost/site:2"}, "state"),
        ({"image": "nginx"}, "image"),
    ],
)
def test_bad_change_is_refused(body: dict[str, Any], field: str, api: APIClient) -> None:
    installed()
    before = Operation.objects.count()
    answer = api.patch(of(), body)
    assert (answer.status_code, refusal(answer)[2]) == (400, field)
    assert Operation.objects.count() == before


def test_state_is_changed_by_itself(api: APIClient) -> None:
    installed()
    assert api.patch(of(), {"state": "stopped"}).status_code == 202


def test_second_operation_of_an_application_has_to_wait(api: APIClient) -> None:
    installed()
    api.patch(of(), {"state": "stopped"})
    assert refusal(api.patch(of(), {"state": "running"}))[:2] == (409, "operation_in_progress")


def test_removal_is_accepted(api: APIClient) -> None:
    installed()
    assert refusal(api.delete(of(), {"wipe_volumes": True}))[1] == "confirmation_mismatch"
    assert api.delete(of()).status_code == 202


@pytest.mark.parametrize("method", ["delete", "patch"])
def test_what_is_dangerous_needs_a_proof(method: str, cluster: Cluster) -> None:
    """A login's token is asked for the password again once the proof is old."""
    add_node(2)
    hear_from(2)
    installed()
    client = json_client(make_administrator("ann"))
    place = of() if method == "delete" else "/api/v1/application-policy/"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = getattr(client, method)(place, {})
    assert refusal(answer)[:2] == (403, "proof_required")


def test_policy_is_changed(api: APIClient) -> None:
    place = "/api/v1/application-policy/"
    assert api.get(place).json() == {
        "host_paths": False,
        "host_network": False,
        "privileged": False,
    }
    assert api.patch(place, {"privileged": True}).json()["privileged"] is True
    assert refusal(api.patch(place, {"privileged": "perhaps"}))[0] == 400


def test_catalogue_is_listed(api: APIClient) -> None:
    listed = api.get("/api/v1/application-templates/").json()
    assert "postgres" in [template["slug"] for template in listed]
    one = api.get("/api/v1/application-templates/postgres/").json()
    assert one["secrets"] == ["POSTGRES_PASSWORD"]
    assert "POSTGRES_PASSWORD" not in one["schema"]["properties"]
    assert api.get("/api/v1/application-templates/none/").status_code == 404


def test_auditor_may_look_and_not_touch(api: APIClient) -> None:
    installed()
    auditor = json_client(make_auditor())
    assert auditor.get(of()).status_code == 200
    asked = [auditor.post(URL, GOOD), auditor.patch(of(), {}), auditor.delete(of())]
    assert {answer.status_code for answer in asked} == {403}


@pytest.fixture
def quick_node(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A node that answers every question at once with what the test says."""
    said: dict[str, Any] = {"ok": True, "data": {"lines": ["ready", "\x1b[31m"], "usage": {}}}

    def await_answers(command_ids: list[int], *, patience: float) -> None:
        now = Command.objects.get(pk=command_ids[0]).created_at
        Command.objects.filter(pk__in=command_ids).update(result=said, acknowledged_at=now)

    monkeypatch.setattr(application_logs, "await_answers", await_answers)
    return said


def test_log_is_harmless_and_leaves_no_command(quick_node: dict[str, Any], api: APIClient) -> None:
    installed()
    quick_node["data"]["usage"] = {"memory": 7, "disk": "much", "other": 1}
    answer = api.get(f"{of()}logs/", {"lines": 2}).json()
    assert answer == {"lines": ["ready", "\ufffd[31m"], "usage": {"memory": 7}}
    assert not Command.objects.exists()


@pytest.mark.parametrize("data", [None, [], {"lines": 7, "usage": []}])
def test_nonsense_instead_of_a_log_is_an_empty_one(
    data: Any, quick_node: dict[str, Any], api: APIClient
) -> None:
    installed()
    quick_node["data"] = data
    assert api.get(f"{of()}logs/").json() == {"lines": [], "usage": {}}


@pytest.mark.parametrize("lines", ["0", "501", "many"])
def test_number_of_lines_is_bounded(lines: str, api: APIClient) -> None:
    installed()
    assert refusal(api.get(f"{of()}logs/", {"lines": lines}))[0] == 400


def test_silent_node_gives_no_log(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    installed()
    monkeypatch.setattr(application_logs, "PATIENCE", 0.0)
    api.raise_request_exception = False
    answer = refusal(api.get(f"{of()}logs/"))
    assert answer[:2] == (503, "application_logs_unavailable")
