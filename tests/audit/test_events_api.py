"""Asking the trail by API (S55, S57)."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from rest_framework.test import APIClient

from audit.actions import AuditAction
from audit.actor import Target
from audit.models import Outcome
from audit.search import index_file
from audit.search.find import find
from tests.accounts.factories import api_client, codes_of, make_administrator, make_auditor
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db
PATH = "/api/v1/audit/events/"


@pytest.fixture
def client() -> APIClient:
    return api_client(make_administrator("reader"))


def ids(client: APIClient, query: str = "", **filters: Any) -> list[int]:
    """Ids that fit, newest first."""
    answer = client.get(PATH + query, filters)
    assert answer.status_code == 200, answer.json()
    return [event["id"] for event in answer.json()["results"]]


def test_event_is_shown_as_other_programs_rely_on(client: APIClient) -> None:
    operation = uuid4()
    make_event(actor=person(request_id="r-1"), operation=operation, details={"a": [1]})

    shown = client.get(PATH).json()["results"][0]

    expected = {
        "id": 1,
        "user": "ann",
        "user_kind": "administrator",
        "action": "node.changed",
        "sentence": "changed a node",
        "target": {"kind": "node", "id": "3", "label": "node3.example.org", "node": 3},
        "source": "192.0.2.7",
        "interface": "api",
        "outcome": "ok",
        "details": {"a": [1]},
        "request_id": "r-1",
        "operation": str(operation),
    }
    assert {name: shown[name] for name in expected} == expected


def test_event_without_target_and_source_says_so(client: APIClient) -> None:
    make_event(actor=person(source=None), target=None)

    shown = client.get(PATH).json()["results"][0]

    assert (shown["target"], shown["source"], shown["operation"]) == (None, None, None)


def test_auditor_sees_what_administrators_did() -> None:
    """S55."""
    make_event(actor=person("ann"))

    assert ids(api_client(make_auditor("otto"))) == [1]


def test_filter_by_users(client: APIClient) -> None:
    for name in ("ann", "bob", "eve", "a,b"):
        make_event(actor=person(name))

    assert ids(client, user="bob") == [2]
    assert ids(client, user=["bob", "eve"]) == [3, 2]
    assert ids(client, user="a,b") == [4]
    assert ids(client, user="nobody") == []


def test_filter_by_actions(client: APIClient) -> None:
    make_event(AuditAction.NODE_CHANGED)
    make_event(AuditAction.NODE_JOINED)
    make_event(AuditAction.JOIN_CODE_CREATED)

    assert ids(client, action="node.joined") == [2]
    assert ids(client, action=["node.joined", "join_code.created"]) == [3, 2]


def test_filter_by_outcome(client: APIClient) -> None:
    make_event(outcome=Outcome.OK)
    make_event(outcome=Outcome.DENIED)

    assert ids(client, outcome="denied") == [2]


def test_filter_by_target(client: APIClient) -> None:
    make_event(target=Target(kind="node", id="3", label="web.example.org"))
    make_event(target=Target(kind="operation", id="3", label="join"))

    assert ids(client, target="3") == [2, 1]
    assert ids(client, target="node:3") == [1]
    assert ids(client, target="web.example.org") == [1]
    assert ids(client, target="web") == []


@pytest.mark.parametrize("written", ["2001:db8::1", "2001:DB8:0:0:0:0:0:1"])
def test_filter_by_source(client: APIClient, written: str) -> None:
    make_event(actor=person(source="192.0.2.7"))
    make_event(actor=person(source="2001:db8::1"))

    assert ids(client, source=written) == [2]


def test_filter_by_time(client: APIClient) -> None:
    for moment in ("2026-11-20T23:59:59Z", "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"):
        with time_machine.travel(moment, tick=False):
            make_event()

    assert ids(client, since="2026-11-21") == [3, 2]
    assert ids(client, until="2026-11-21") == [2, 1]
    assert ids(client, since="2026-11-21T12:00:01Z") == [3]
    assert ids(client, since="2026-11-22T13:00:00+01:00") == [3]
    assert ids(client, until="2026-11-22T12:59:59+01:00") == [2, 1]


def test_filter_by_operation(client: APIClient) -> None:
    operation = uuid4()
    make_event()
    make_event(operation=operation)

    assert ids(client, operation=str(operation)) == [2]


@pytest.mark.parametrize(
    "text",
    [
        "CHANGED a",
        "ann",
        "NODE3.example",
        "192.0.2",
        "Größe",
        "GRÖSSE",
        "100%",
        "a_b",
        'say "hi"',
        "back\\slash",
        "O'Neill; --",
        "1,2",
        "ﬀ",
        "\U0001f6a2",
        "two  blanks",
    ],
)
def test_text_is_found_wherever_it_stands(client: APIClient, text: str) -> None:
    """Every character means itself; upper and lower case are the same."""
    make_event(actor=person("nobody", source="198.51.100.1"), target=None)
    make_event(
        details={
            "Größe": "100%",
            "note": 'a_b say "hi" back\\slash O\'Neill; -- 1,2 ﬀ \U0001f6a2',
            "list": ["two  blanks"],
        }
    )

    found = ids(client, q=text)

    assert 2 in found
    assert text == "CHANGED a" or 1 not in found


@pytest.mark.parametrize("text", ["1000%", "aXb", "say hi", "%%%", "___", "*", "nothing like it"])
def test_text_that_does_not_stand_there_is_not_found(client: APIClient, text: str) -> None:
    make_event(details={"note": '100% a_b say "hi"'})

    assert ids(client, q=text) == []


def test_filters_narrow_each_other(client: APIClient) -> None:
    make_event(actor=person("ann"), details={"note": "x"})
    make_event(actor=person("bob"), details={"note": "x"})
    make_event(AuditAction.NODE_JOINED, actor=person("bob"), details={"note": "x"})
    make_event(actor=person("bob"), details={"note": "y"})

    assert ids(client, user="bob", action="node.changed", q='"x"') == [2]


def test_pages_are_newest_first_and_stable_while_events_arrive(client: APIClient) -> None:
    for _ in range(5):
        make_event()

    first = client.get(PATH, {"page_size": 2}).json()
    make_event()
    second = client.get(first["next"]).json()

    assert [event["id"] for event in first["results"]] == [5, 4]
    assert [event["id"] for event in second["results"]] == [3, 2]


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("?action=x", "action"),
        ("?action=" + "&action=".join(["node.joined"] * 1000), "action"),
        ("?outcome=" + "&outcome=".join(["ok"] * 1000), "outcome"),
        ("?user=%00", "user"),
        ("?target=%00", "target"),
        ("?outcome=x", "outcome"),
        ("?source=x", "source"),
        ("?source=192.0.2.0/24", "source"),
        ("?since=x", "since"),
        ("?since=2026-13-01", "since"),
        ("?until=99999-01-01", "until"),
        ("?since=99999-01-01", "since"),
        ("?until=99999-12-31T00:00:00Z", "until"),
        ("?since=0001-01-01T00:00:00%2B14:00", "since"),
        ("?operation=x", "operation"),
        ("?q=%00", "q"),
        ("?q=" + "x" * 10_000, "q"),
        ("?target=" + "x" * 10_000, "target"),
        ("?user=" + "&user=".join(f"u{number}" for number in range(1000)), "user"),
        ("?user=" + "x" * 151, "user"),
        ("?cursor=x", "cursor"),
        ("?cursor=cD1hYmM%3D", "cursor"),
        ("?cursor=LTE=", "cursor"),
        ("?cursor=MA==", "cursor"),
        ("?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "cursor"),
        ("?cursor=%F0%9F%9A%A2", "cursor"),
        ("?cursor=", "cursor"),
        ("?page_size=x", "page_size"),
        ("?limit=5;--", "limit"),
        ("?usr=ann", "usr"),
    ],
)
def test_bad_filter_is_an_error_of_its_field(client: APIClient, query: str, attr: str) -> None:
    make_event()

    answer = client.get(PATH + query)

    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} == {attr}


def test_bad_filter_has_a_code(client: APIClient) -> None:
    answer = client.get(PATH + "?limit=5;--")

    assert codes_of(answer) == ["unknown_filter"]


def test_page_says_how_far_it_has_looked(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that runs out of time is not one that found nothing."""
    index_file.forget()
    monkeypatch.setattr("audit.search.windows.FIRST", 1)
    monkeypatch.setattr("audit.search.facets.NARROW", 0)
    monkeypatch.setattr("audit.search.find.PROBE", 1)
    monkeypatch.setattr("audit.search.find.WALK", 0)
    monkeypatch.setattr("audit.search.gin.exists", lambda: False)
    monkeypatch.setattr("audit.api.pages.find", partial(find, budget=0))
    first, second = make_event(details={"note": "needle"}), make_event()

    answer = client.get(PATH, {"q": "needle"}).json()

    assert answer["results"] == []
    assert answer["searched_back_to"] == second.time.isoformat().replace("+00:00", "Z")
    following = client.get(answer["next"]).json()
    assert [event["id"] for event in following["results"]] == [first.pk]
    assert (following["next"], following["searched_back_to"]) == (None, None)


def test_list_costs_the_same_for_many_events(
    client: APIClient, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        make_event()
    client.get(PATH)

    with django_assert_max_num_queries(5):
        client.get(PATH)


def test_registry_of_actions_is_listed_with_sentences(client: APIClient) -> None:
    listed = client.get("/api/v1/audit/actions/").json()["results"]

    assert {"action": "node.joined", "sentence": "joined the cluster"} in listed
    assert len(listed) == len(AuditAction)
