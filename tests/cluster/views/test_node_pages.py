"""The list of nodes, and the page of one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from cluster.models import Cluster
from nodes.models import Contact, Node
from tests.cluster.factories import add_node, hear_from
from tests.cluster.views.facts import FACTS, health
from tests.cluster.views.forms import errors
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def test_list_shows_every_node_with_its_facts(browser: Client, cluster: Cluster) -> None:
    """S1, S5."""
    add_node(2, label="Files", version="0.1.0", distribution="debian 12")

    page = browser.get("/nodes/").text

    for fact in ("node1.example.org", "Leader", "10.5.4.1"):
        assert fact in page
    for fact in ("Files", "node2.example.org", "Worker", "10.5.4.2", "Debian 12", "0.1.0"):
        assert fact in page


def test_list_says_in_one_sentence_that_all_is_well(browser: Client, cluster: Cluster) -> None:
    add_node(2)
    hear_from(1)
    hear_from(2)

    assert "All 2 nodes are online." in browser.get("/nodes/").text


def test_cluster_of_one_is_complete(browser: Client, cluster: Cluster) -> None:
    """S2: nothing asks for a second node."""
    hear_from(1)

    assert "A cluster of one node is complete." in browser.get("/nodes/").text


def test_list_names_the_nodes_that_are_silent(browser: Client, cluster: Cluster) -> None:
    add_node(2)
    add_node(3)
    hear_from(1)

    assert "node2 and node3 are offline." in browser.get("/nodes/").text


def test_offline_node_shows_since_when(browser: Client, cluster: Cluster) -> None:
    since = timezone.now().replace(microsecond=0) - timedelta(minutes=7)
    add_node(2)
    hear_from(2, last_contact=since)

    assert f'since <time datetime="{since.isoformat()}"' in browser.get("/nodes/").text


def test_removed_node_is_not_listed(browser: Client, cluster: Cluster) -> None:
    add_node(2, state=Node.State.REMOVED)

    assert "node2.example.org" not in browser.get("/nodes/").text
    assert browser.get("/nodes/2/").status_code == 404


def test_list_costs_the_same_queries_for_many_nodes(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    for number in range(2, 15):
        add_node(number)

    with django_assert_max_num_queries(11):
        browser.get("/nodes/")


def test_page_costs_the_same_queries_for_many_peers(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    peers = [{"node_id": n, "endpoint": "", "handshake_age": 1} for n in range(2, 30)]
    hear_from(1, facts=FACTS, health=health(*peers))

    with django_assert_max_num_queries(13):
        browser.get("/nodes/1/")


def test_page_shows_what_the_node_reported(browser: Client, cluster: Cluster) -> None:
    add_node(2)
    hear_from(2, facts=FACTS, health=health())

    page = browser.get("/nodes/2/").text

    for fact in ("6.1.0-27-amd64", "192.0.2.12", "1.2 on 4 processors", "Disk /srv", "94 %"):
        assert fact in page


def test_node_that_reported_nothing_yet_has_a_page(browser: Client, cluster: Cluster) -> None:
    add_node(2, state=Node.State.JOINING)
    Contact.objects.filter(node_id=2).delete()

    assert "Joining" in browser.get("/nodes/2/").text


def test_peer_shows_when_it_last_shook_hands(browser: Client, cluster: Cluster) -> None:
    heard = timezone.now().replace(microsecond=0)
    peer = {"node_id": 1, "endpoint": "192.0.2.1:55820", "handshake_age": 40}
    add_node(2)
    hear_from(2, last_contact=heard, health=health(peer))

    page = browser.get("/nodes/2/").text

    assert f'<time datetime="{(heard - timedelta(seconds=40)).isoformat()}"' in page
    assert "192.0.2.1:55820" in page


def test_what_passed_is_counted_from_the_nodes_own_side(
    browser: Client, cluster: Cluster, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leader counts; what it received from node 2, node 2 has sent."""
    counted = {"node_id": 2, "endpoint": "", "last_handshake": 1, "received": 5000, "sent": 9000}
    vpn = {"state": "up", "reason": None, "interface": "wg0", "peers": [counted]}
    monkeypatch.setattr(local_agent.machine, "vpn", lambda: vpn)
    add_node(2)
    hear_from(2, health=health({"node_id": 1, "endpoint": "", "handshake_age": 1}))

    (peer,) = browser.get("/nodes/2/").context["peers"]

    assert (peer.received, peer.sent) == (9000, 5000)


def test_node_without_vpn_says_why(browser: Client, cluster: Cluster) -> None:
    add_node(2)
    hear_from(2, health=health(state="off", reason="Flotilla does not run as root."))

    assert "Flotilla does not run as root." in browser.get("/nodes/2/").text


def test_node_of_another_distribution_carries_a_warning(browser: Client, cluster: Cluster) -> None:
    """S8."""
    Node.objects.filter(pk=1).update(distribution="debian 12")
    add_node(2, distribution="rocky 9.4")

    assert "the new node rocky 9.4" in browser.get("/nodes/2/").text


def test_page_lists_the_nodes_audit_events(browser: Client, cluster: Cluster) -> None:
    add_node(2)
    browser.post("/nodes/2/label/", {"label": "Files"})

    assert "changed a node" in browser.get("/nodes/2/").text


def test_label_is_changed_and_recorded(browser: Client, cluster: Cluster) -> None:
    add_node(2)

    answer = browser.post("/nodes/2/label/", {"label": "Files"})

    assert answer.headers["Location"] == "/nodes/2/"
    assert Node.objects.get(pk=2).label == "Files"
    event = AuditEvent.objects.get(action="node.changed")
    assert (event.user, event.interface, event.target_id) == ("alice", "console", "2")


def test_label_can_be_taken_away(browser: Client, cluster: Cluster) -> None:
    add_node(2, label="Files")

    browser.post("/nodes/2/label/", {"label": ""})

    assert Node.objects.get(pk=2).label == ""


def test_bad_label_is_refused_beside_its_field(browser: Client, cluster: Cluster) -> None:
    add_node(2)

    answer = browser.post("/nodes/2/label/", {"label": "a\u200eb"})

    assert list(errors(answer)) == ["label"]


def test_auditor_reads_and_changes_nothing(auditor: Client, cluster: Cluster) -> None:
    assert auditor.get("/nodes/1/").status_code == 200
    assert "Edit label" not in auditor.get("/nodes/1/").text
    assert auditor.post("/nodes/1/label/", {"label": "x"}).status_code == 403


def test_stranger_sees_no_node(stranger: Client, cluster: Cluster) -> None:
    assert stranger.get("/nodes/").headers["Location"] == "/login/?next=/nodes/"
    assert stranger.get("/nodes/1/").headers["Location"] == "/login/?next=/nodes/1/"


def test_figures_of_an_offline_node_are_called_old(browser: Client, cluster: Cluster) -> None:
    add_node(2)
    hear_from(2, facts=FACTS, health=health())

    assert "as it last reported" not in browser.get("/nodes/2/").text

    hear_from(2, last_contact=timezone.now() - timedelta(minutes=7))
    assert browser.get("/nodes/2/").text.count("as it last reported") == 2
