"""The dialog that removes a node: what it says, what it demands, what it refuses (S15 to S22)."""

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEvent
from cluster.models import Cluster, Operation
from nodes.models import Application, Node
from tests.cluster.factories import add_node, hear_from
from tests.cluster.views.applications import provide, run
from tests.cluster.views.forms import errors

pytestmark = pytest.mark.django_db
URL = "/nodes/3/remove/"


@pytest.fixture
def node(cluster: Cluster) -> Node:
    """A worker that is heard."""
    add_node(2)
    node = add_node(3, label="Files")
    hear_from(3)
    return node


def fill(browser: Client, **changes: str) -> dict[str, str]:
    """What the browser sends when the page was read and the name typed."""
    digest = browser.get(URL).context["preview"].digest
    return {"confirmation": "node3", "digest": digest} | changes


def test_page_lists_the_nodes_applications_and_only_those(browser: Client, node: Node) -> None:
    """S19."""
    run(node, "mail1")
    run(Node.objects.get(pk=2), "files1")

    page = browser.get(URL).text

    assert "mail1" in page
    assert "files1" not in page


def test_page_says_what_goes_what_stays_and_what_is_final(browser: Client, node: Node) -> None:
    """S19 to S22."""
    page = browser.get(URL).text

    assert "Its keys and tokens are refused at once" in page
    assert "they keep running until you shut the machine down" in page
    assert "What cannot be undone" in page


def test_button_waits_for_the_typed_name(browser: Client, node: Node) -> None:
    """S20: by our script; the server demands it too."""
    page = browser.get(URL).text

    assert 'data-confirm="node3"' in page
    assert '<button class="button danger" type="submit">I understand, remove node</button>' in page


def test_cancel_leads_back_and_changes_nothing(browser: Client, node: Node) -> None:
    """S18."""
    assert '<a class="button" href="/nodes/">Cancel</a>' in browser.get(URL).text


def test_confirmed_removal_leads_to_its_operation(browser: Client, node: Node) -> None:
    """S20."""
    answer = browser.post(URL, fill(browser))

    operation = Operation.objects.get(kind=Operation.Kind.REMOVE)
    assert answer.headers["Location"] == f"/operations/{operation.pk}/"
    assert AuditEvent.objects.get(action="node.removal.requested").user == "alice"


@pytest.mark.parametrize("typed", ["", "node2", "Node3", "3"])
def test_anything_but_the_nodes_name_is_refused_beside_the_field(
    typed: str, browser: Client, node: Node
) -> None:
    """S20, S35."""
    answer = browser.post(URL, fill(browser, confirmation=typed))

    assert list(errors(answer)) == ["confirmation"]
    assert not Operation.objects.filter(kind=Operation.Kind.REMOVE).exists()


def test_list_that_changed_meanwhile_is_shown_again(browser: Client, node: Node) -> None:
    values = fill(browser)
    run(node, "mail1")

    answer = browser.post(URL, values)

    assert "The list of applications has changed since you opened this page." in answer.text
    assert "mail1" in answer.text
    assert not Operation.objects.filter(kind=Operation.Kind.REMOVE).exists()


def test_changed_list_can_be_confirmed_where_it_is_shown(browser: Client, node: Node) -> None:
    values = fill(browser)
    run(node, "mail1")
    refused = browser.post(URL, values)

    browser.post(URL, values | {"digest": refused.context["preview"].digest})

    assert Operation.objects.filter(kind=Operation.Kind.REMOVE).exists()


def test_page_that_is_only_refused_for_its_typing_does_not_speak_of_a_changed_list(
    browser: Client, node: Node
) -> None:
    answer = browser.post(URL, fill(browser, confirmation="x"))

    assert "has changed since" not in answer.text


def test_account_provider_stands_in_the_way_and_is_named(browser: Client, node: Node) -> None:
    """S16."""
    provide(node, "samba1")

    page = browser.get(URL)

    assert "samba1 for example.org" in page.text
    assert "I understand, remove node" not in page.text
    assert 'href="/domains/"' in page.text
    answer = browser.post(URL, fill(browser))
    assert "samba1" in errors(answer)["__all__"][0]


def test_reachable_node_offers_no_force(browser: Client, node: Node) -> None:
    assert 'name="force"' not in browser.get(URL).text


def test_force_means_nothing_for_a_reachable_node(browser: Client, node: Node) -> None:
    """The server decides, whatever the browser sends."""
    provide(node, "samba1")

    answer = browser.post(URL, fill(browser, force="on"))

    assert "__all__" in errors(answer)


@pytest.fixture
def silent(node: Node) -> Node:
    hear_from(3, last_contact=None)
    return node


def test_unreachable_node_is_removed_by_force_alone(browser: Client, silent: Node) -> None:
    """S17."""
    assert "node3 cannot be reached." in browser.get(URL).text
    refused = browser.post(URL, fill(browser))
    assert "__all__" in errors(refused)

    browser.post(URL, fill(browser, force="on"))

    assert Operation.objects.filter(kind=Operation.Kind.REMOVE).exists()


def test_force_explains_what_is_left_to_do_by_hand(browser: Client, silent: Node) -> None:
    """S17."""
    provide(silent, "samba1")

    page = browser.get(URL).text

    assert "has to be cleaned up by hand" in page
    assert "I understand, remove node" in page


def test_leader_has_no_such_page(browser: Client, node: Node) -> None:
    """S15."""
    assert browser.get("/nodes/1/remove/").status_code == 404
    assert browser.post("/nodes/1/remove/", {"confirmation": "node1"}).status_code == 404


def test_unknown_node_has_no_such_page(browser: Client, cluster: Cluster) -> None:
    assert browser.get("/nodes/9/remove/").status_code == 404


def test_joining_node_is_refused_with_the_reason(browser: Client, cluster: Cluster) -> None:
    add_node(3, state=Node.State.JOINING)

    answer = browser.get(URL)

    assert answer.status_code == 409
    assert "joining" in answer.text


def test_second_removal_is_refused_above_the_form(browser: Client, node: Node) -> None:
    browser.post(URL, fill(browser))

    answer = browser.post(URL, fill(browser))

    assert "Another operation is not finished yet" in errors(answer)["__all__"][0]


def test_page_costs_the_same_queries_for_many_applications(
    browser: Client, node: Node, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        run(node, f"mail{number}")

    with django_assert_max_num_queries(10):
        browser.get(URL)
    assert Application.objects.count() == 30


def test_auditor_reads_and_removes_nothing(auditor: Client, node: Node) -> None:
    page = auditor.get(URL)

    assert "I understand, remove node" not in page.text
    assert auditor.post(URL, {"confirmation": "node3"}).status_code == 403
