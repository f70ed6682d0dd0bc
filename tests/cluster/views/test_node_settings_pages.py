"""What can be changed of a node: endpoint, eligibility, name."""

import pytest
from django.test import Client

from cluster.models import Cluster
from nodes.models import Node
from tests.cluster.factories import add_node
from tests.cluster.views.forms import errors

pytestmark = pytest.mark.django_db


def test_settings_are_shown_and_saved(browser: Client, cluster: Cluster) -> None:
    add_node(2, eligible=True)
    assert 'value="node2.example.org:55820"' in browser.get("/nodes/2/settings/").text

    answer = browser.post("/nodes/2/settings/", {"endpoint": "198.51.100.2:443"})

    assert answer.headers["Location"] == "/nodes/2/"
    node = Node.objects.get(pk=2)
    assert (node.endpoint, node.eligible) == ("198.51.100.2:443", False)


@pytest.mark.parametrize("endpoint", ["", "node2.example.org", "node2.example.org:0", "$(id):1"])
def test_bad_endpoint_is_refused_beside_its_field(
    endpoint: str, browser: Client, cluster: Cluster
) -> None:
    add_node(2)

    answer = browser.post("/nodes/2/settings/", {"endpoint": endpoint})

    assert list(errors(answer)) == ["endpoint"]


def test_leader_stays_eligible_whatever_is_sent(browser: Client, cluster: Cluster) -> None:
    assert "Promote another node to change this." in browser.get("/nodes/1/settings/").text

    browser.post("/nodes/1/settings/", {"endpoint": "node1.example.org:443"})

    node = Node.objects.get(pk=1)
    assert (node.endpoint, node.eligible) == ("node1.example.org:443", True)


def test_workers_name_is_changed(browser: Client, cluster: Cluster) -> None:
    add_node(2)

    answer = browser.post("/nodes/2/fqdn/", {"fqdn": "files.example.org"}, follow=True)

    assert Node.objects.get(pk=2).fqdn == "files.example.org"
    assert "node2 is now files.example.org." in answer.text


@pytest.mark.parametrize("fqdn", ["", "files", "node1.example.org"])
def test_bad_or_taken_name_is_refused_beside_its_field(
    fqdn: str, browser: Client, cluster: Cluster
) -> None:
    add_node(2)

    answer = browser.post("/nodes/2/fqdn/", {"fqdn": fqdn})

    assert list(errors(answer)) == ["fqdn"]


def test_leaders_page_says_that_workers_look_first(browser: Client, cluster: Cluster) -> None:
    """S25."""
    assert "resolves and reaches the new name" in browser.get("/nodes/1/fqdn/").text


@pytest.mark.parametrize("page", ["settings", "fqdn", "label"])
def test_unknown_node_has_no_such_page(page: str, browser: Client, cluster: Cluster) -> None:
    assert browser.get(f"/nodes/9/{page}/").status_code == 404


@pytest.mark.parametrize("page", ["settings", "fqdn"])
def test_auditor_changes_nothing(page: str, auditor: Client, cluster: Cluster) -> None:
    assert ">Save<" not in auditor.get(f"/nodes/1/{page}/").text
    assert auditor.post(f"/nodes/1/{page}/", {"fqdn": "a.example.org"}).status_code == 403
