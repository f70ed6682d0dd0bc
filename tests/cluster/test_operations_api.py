"""``/api/v1/operations/``: the shape of design section 5, and what may be asked of an operation."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from cluster.models import Operation
from cluster.services.operations import open_operation
from tests.accounts.factories import codes_of, make_administrator, make_auditor
from tests.cluster.factories import ADMIN, add_node, json_client, unknown_id
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
OPERATIONS = "/api/v1/operations/"
STEPS = ["prepare", "found", "lead", "connect"]


@pytest.fixture
def api(local_agent: FakeAgent) -> APIClient:
    return json_client(make_administrator())


def operation_with(kind: Operation.Kind = Operation.Kind.CREATE, **values: Any) -> Operation:
    operation = open_operation(kind, actor=ADMIN, parameters={})
    Operation.objects.filter(pk=operation.pk).update(**values)
    return operation


def ended(state: str = "failed", **values: Any) -> Operation:
    return operation_with(state=state, ended_at=timezone.now(), **values)


def path(operation: Operation, action: str = "") -> str:
    return f"{OPERATIONS}{operation.pk}/{action}"


def test_open_operation_has_the_promised_shape(api: APIClient) -> None:
    operation = operation_with()
    answer = api.get(path(operation)).json()
    step: dict[str, Any] = {"state": "pending", "started_at": None, "ended_at": None, "detail": ""}
    assert answer.pop("created_at")
    assert answer == {
        "id": str(operation.pk),
        "kind": "create",
        "state": "pending",
        "progress": 0,
        "steps": [{"name": name} | step for name in STEPS],
        "error": None,
        "node": None,
        "actor": "alice",
        "ended_at": None,
        "cancellable": True,
        "retryable": False,
    }


def test_failed_operation_says_why(api: APIClient) -> None:
    operation = ended(error_code="vpn_not_up", error_detail="No driver.")
    answer = api.get(path(operation)).json()
    assert answer["error"] == {"code": "vpn_not_up", "detail": "No driver."}


def test_failed_creation_offers_to_try_again(api: APIClient) -> None:
    assert api.get(path(ended())).json()["retryable"] is True


def test_failed_creation_offers_nothing_after_a_success(api: APIClient) -> None:
    failed = ended()
    ended("succeeded")
    assert api.get(path(failed)).json()["retryable"] is False


@pytest.mark.usefixtures("cluster")
def test_operation_names_its_node(api: APIClient) -> None:
    operation = operation_with(Operation.Kind.JOIN, node=add_node(2))
    assert api.get(path(operation)).json()["node"] == 2


def test_unknown_operation_is_not_found(api: APIClient) -> None:
    answer = api.get(f"{OPERATIONS}{unknown_id()}/")
    assert (answer.status_code, codes_of(answer)) == (404, ["not_found"])


def test_name_that_is_no_id_is_not_found(api: APIClient) -> None:
    answer = api.get(f"{OPERATIONS}latest/")
    assert (answer.status_code, codes_of(answer)) == (404, ["not_found"])


def test_list_begins_with_the_newest(api: APIClient) -> None:
    first, second = ended(), ended()
    answer = api.get(OPERATIONS).json()
    assert [row["id"] for row in answer["results"]] == [str(second.pk), str(first.pk)]


def test_list_comes_in_cursor_pages(api: APIClient) -> None:
    wanted = {str(ended().pk) for _ in range(3)}
    first = api.get(OPERATIONS, {"page_size": 2}).json()
    second = api.get(first["next"]).json()
    assert {row["id"] for row in first["results"] + second["results"]} == wanted
    assert second["next"] is None


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"kind": "join"}, ["join"]),
        ({"state": "failed"}, ["join"]),
        ({"node": 2}, ["join"]),
        ({"kind": "create", "state": "failed"}, []),
        ({}, ["join", "create"]),
    ],
)
def test_list_is_filtered(api: APIClient, query: dict[str, Any], kinds: list[str]) -> None:
    operation = operation_with(Operation.Kind.JOIN, node=add_node(2))
    Operation.objects.filter(pk=operation.pk).update(state="failed", ended_at=timezone.now())
    answer = api.get(OPERATIONS, query).json()
    assert [row["kind"] for row in answer["results"]] == kinds


def test_filter_by_what_no_operation_can_be_is_refused(api: APIClient) -> None:
    answer = api.get(OPERATIONS, {"state": "stuck"})
    assert (answer.status_code, codes_of(answer)) == (400, ["invalid_choice"])


@pytest.mark.parametrize("rows", [1, 20])
def test_list_costs_the_same_for_many_rows(
    api: APIClient, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        ended()
    api.get(OPERATIONS)
    with django_assert_num_queries(4):  # the token, what is asked of its owner, operations, steps
        api.get(OPERATIONS)


def test_cancel_is_accepted_with_the_operation_and_its_address(api: APIClient) -> None:
    operation = operation_with()
    answer = api.post(path(operation, "cancel/"))
    assert answer.status_code == 202
    assert answer.headers["Location"] == path(operation)
    assert answer.json()["operation"]["cancellable"] is False


def test_cancel_past_the_point_of_no_return_is_refused(api: APIClient) -> None:
    answer = api.post(path(operation_with(irreversible=True), "cancel/"))
    assert (answer.status_code, codes_of(answer)) == (409, ["operation_not_cancellable"])


def test_trying_again_is_accepted_with_a_new_operation(api: APIClient) -> None:
    failed = ended()
    answer = api.post(path(failed, "retry/"))
    again = Operation.objects.exclude(pk=failed.pk).get()
    assert (answer.status_code, answer.headers["Location"]) == (202, path(again))


def test_trying_again_what_runs_is_refused(api: APIClient) -> None:
    answer = api.post(path(operation_with(), "retry/"))
    assert (answer.status_code, codes_of(answer)) == (409, ["operation_not_retryable"])


@pytest.mark.parametrize("action", ["cancel/", "retry/"])
def test_auditor_changes_no_operation(api: APIClient, action: str) -> None:
    answer = json_client(make_auditor()).post(path(operation_with(), action))
    assert answer.status_code == 403


def test_auditor_reads_operations(api: APIClient) -> None:
    assert json_client(make_auditor()).get(OPERATIONS).status_code == 200


def test_stranger_sees_no_operation(local_agent: FakeAgent) -> None:
    assert APIClient().get(path(operation_with())).status_code == 401


def test_list_is_filtered_by_who_asked_and_since_when(api: APIClient) -> None:
    old = ended(actor={"name": "bob"}, created_at=timezone.now() - timedelta(days=9))
    new = ended(actor={"name": "bob"})
    ended(actor={"name": "carol"})

    def found(**question: str) -> set[str]:
        return {row["id"] for row in api.get(OPERATIONS, question).json()["results"]}

    assert found(actor="bob") == {str(old.pk), str(new.pk)}
    since = f"{timezone.now() - timedelta(days=1):%FT%TZ}"
    assert found(actor="bob", since=since) == {str(new.pk)}


@pytest.mark.parametrize(
    "question", [{"kind": "dance"}, {"node": "9" * 30}, {"since": "x"}, {"actor": "\x00"}], ids=str
)
def test_filter_that_makes_no_sense_is_refused(api: APIClient, question: dict[str, str]) -> None:
    answer = api.get(OPERATIONS, question)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] in question
