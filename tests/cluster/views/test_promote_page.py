"""The dialog that makes another node the leader (S23 to S38)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cluster.models import Cluster, Operation
from cluster.services.preflight import Check, Kind, Preflight
from cluster.views.matrix import matrix
from config.version import VERSION
from nodes.models import Command, Node
from tests.cluster.factories import add_node, hear_from
from tests.cluster.views.forms import errors

pytestmark = pytest.mark.django_db
URL = "/nodes/3/promote/"
CHECKS = f"{URL}checks/"
VALUES = {
    "vpn_address": "node3.example.org",
    "vpn_port": "55820",
    "check_connectivity": "on",
    "confirmation": "node3",
}


@pytest.fixture
def node(cluster: Cluster) -> Node:
    """A worker that may lead and is heard."""
    node = add_node(3, eligible=True, version=VERSION)
    hear_from(1)
    hear_from(3)
    return node


def parameters() -> dict[str, Any]:
    return dict(Operation.objects.get(kind=Operation.Kind.PROMOTE).parameters)


def test_form_is_filled_with_where_the_node_is_reached(browser: Client, node: Node) -> None:
    """S31, S32, S36."""
    Node.objects.filter(pk=3).update(endpoint="198.51.100.3:4433")

    form = browser.get(URL).context["form"]

    assert form.initial == {
        "vpn_address": "198.51.100.3",
        "vpn_port": "4433",
        "check_connectivity": True,
    }


def test_node_without_an_endpoint_is_offered_its_name_and_the_usual_port(
    browser: Client, node: Node
) -> None:
    """S34."""
    Node.objects.filter(pk=3).update(endpoint="")

    form = browser.get(URL).context["form"]

    assert (form.initial["vpn_address"], form.initial["vpn_port"]) == ("node3.example.org", 55820)


def test_page_says_what_moves_and_what_stays_behind(browser: Client, node: Node) -> None:
    """S27, S28, S29, S34."""
    page = browser.get(URL).text

    for word in ("audit trail", "system logs", "backup password", "sessions do not", "55820"):
        assert word in page


def test_button_waits_for_the_typed_name(browser: Client, node: Node) -> None:
    """S35: by our script; the server demands it too."""
    assert 'data-confirm="node3"' in browser.get(URL).text


def test_confirmed_promotion_leads_to_its_operation(browser: Client, node: Node) -> None:
    answer = browser.post(URL, VALUES)

    operation = Operation.objects.get(kind=Operation.Kind.PROMOTE)
    assert answer.headers["Location"] == f"/operations/{operation.pk}/"
    assert operation.parameters["endpoint"] == "node3.example.org:55820"
    assert operation.parameters["check_connectivity"] is True


def test_check_can_be_left_out(browser: Client, node: Node) -> None:
    """S38: the browser does not send a box that is not ticked."""
    browser.post(URL, {name: value for name, value in VALUES.items() if "check" not in name})

    assert parameters()["check_connectivity"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vpn_address", ""),
        ("vpn_address", "$(id)"),
        ("vpn_address", "node3 example.org"),
        ("vpn_address", "127.0.0.1"),
        ("vpn_port", ""),
        ("vpn_port", "0"),
        ("vpn_port", "65536"),
        ("vpn_port", "many"),
        ("confirmation", ""),
        ("confirmation", "node2"),
        ("confirmation", "NODE3"),
    ],
)
def test_bad_value_is_refused_beside_its_field(
    field: str, value: str, browser: Client, node: Node
) -> None:
    """S31, S32, S35."""
    answer = browser.post(URL, VALUES | {field: value})

    assert list(errors(answer)) == [field]
    assert not Operation.objects.filter(kind=Operation.Kind.PROMOTE).exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"eligible": False}, "may not become leader"),
        ({"state": Node.State.JOINING}, "It is joining."),
    ],
)
def test_node_that_cannot_lead_says_why_before_it_is_asked(
    change: dict[str, Any], reason: str, browser: Client, node: Node
) -> None:
    Node.objects.filter(pk=3).update(**change)

    assert reason in browser.get(URL).text
    assert "__all__" in errors(browser.post(URL, VALUES))


def test_node_that_cannot_lead_has_no_button_that_does_nothing(browser: Client, node: Node) -> None:
    Node.objects.filter(pk=3).update(eligible=False)

    answer = browser.get(URL).text

    assert ("Back to the nodes" in answer, "Type node3 to confirm" in answer) == (True, False)


def test_leader_has_no_such_page(browser: Client, node: Node) -> None:
    """S30."""
    assert browser.get("/nodes/1/promote/").status_code == 404
    assert browser.get("/nodes/1/promote/checks/").status_code == 404


def test_auditor_reads_and_promotes_nothing(auditor: Client, node: Node) -> None:
    assert "confirmation" not in auditor.get(URL).text
    assert auditor.post(URL, VALUES).status_code == 403


def test_page_shows_at_once_and_asks_nobody(browser: Client, node: Node) -> None:
    page = browser.get(URL).text

    assert f'data-hx-get="{CHECKS}" data-hx-trigger="load"' in page
    assert not Command.objects.exists()


def test_part_asks_every_node_once_and_waits_for_the_answers(browser: Client, node: Node) -> None:
    first = browser.get(CHECKS)

    again = browser.get(CHECKS, {"asked": first.context["asked"]})

    assert "Every node is looking at node3" in again.text
    assert Command.objects.count() == 2


def test_part_names_who_does_not_answer_and_what_stands_against_it(
    browser: Client, node: Node
) -> None:
    """S24, S36."""
    asked = browser.get(CHECKS).context["asked"]
    Command.objects.update(created_at=timezone.now() - timedelta(seconds=7))

    part = browser.get(CHECKS, {"asked": asked})

    assert "the promotion would stop at the check" in part.text
    assert "node3 (node3.example.org) did not answer in time" in part.text


def test_questions_of_another_page_are_not_read(browser: Client, node: Node) -> None:
    browser.get(CHECKS)

    browser.get(CHECKS, {"asked": "[3,[1,2]]"})

    assert Command.objects.count() == 4


def test_check_is_shown_without_javascript_too(browser: Client, node: Node) -> None:
    hear_from(1, last_contact=None)
    hear_from(3, last_contact=None)

    page = browser.get(URL, {"checked": "1"}).text

    assert "is offline, so nothing could be probed from there" in page


def test_page_costs_few_queries(
    browser: Client, node: Node, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        browser.get(URL)


SEEN = Preflight.of(
    [
        Check("node1", Kind.ANSWER, True, "node1 answered."),
        Check("node1", Kind.HTTPS, False, "node1 cannot reach it.", "endpoint"),
        Check("node3", Kind.ANSWER, True, "node3 answered."),
        Check("node3", Kind.CLOCK, True, "Warning: the clocks differ.", "clock_skew"),
    ]
)


def test_matrix_has_a_row_for_each_node_and_a_column_for_each_thing_looked_at() -> None:
    made = matrix(SEEN)

    assert made.columns == ["Answers", "HTTPS", "Clock"]
    words = {row.origin: [cell.word for cell in row.cells] for row in made.rows}
    assert words == {"node1": ["OK", "Failed", ""], "node3": ["OK", "", "Warning"]}


def test_matrix_names_failures_and_warnings_apart() -> None:
    made = matrix(SEEN)

    assert not made.ok
    assert [check.detail for check in made.failures] == ["node1 cannot reach it."]
    assert [check.detail for check in made.warnings] == ["Warning: the clocks differ."]
