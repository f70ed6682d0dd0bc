"""The overview: is the cluster well, and what happened last."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cluster import follow_ups
from cluster.models import Cluster, FollowUp, Operation, OperationStep
from cluster.views.words import step_title
from nodes.models import Contact, Node
from tests.cluster.factories import Newcomer, add_node, hear_from, make_code
from tests.cluster.views.conftest import become
from tests.cluster.views.facts import FACTS, health
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
URL = "/overview/"


def fleet(size: int) -> None:
    """So many nodes, all of them heard from just now through the VPN."""
    peers = [{"node_id": n, "endpoint": "", "handshake_age": 9} for n in range(2, size + 1)]
    hear_from(1, facts=FACTS | {"disks": []}, health=health(*peers))
    for number in range(2, size + 1):
        add_node(number)
        hear_from(number, health=health())


def cards(page: str) -> list[str]:
    return page.split('<li class="card node-card')[1:]


def map_in_words(page: str) -> str:
    return page.split('<desc id="map-words">')[1].split("</desc>")[0]


def test_overview_says_first_that_all_is_well(browser: Client, cluster: Cluster) -> None:
    fleet(4)

    assert "All 4 nodes are online." in browser.get(URL).text


def test_overview_of_a_new_cluster_leads_to_the_next_node(
    browser: Client, auditor: Client, cluster: Cluster
) -> None:
    """S6."""
    assert "Add node to cluster" in browser.get(URL).text
    assert "Add node to cluster" not in auditor.get(URL).text


def test_overview_says_which_node_is_silent_and_what_to_do(
    browser: Client, cluster: Cluster
) -> None:
    fleet(3)
    hear_from(3, last_contact=timezone.now() - timedelta(minutes=7))

    page = browser.get(URL).text

    assert "node3 is offline. Check power and network." in page
    assert "node3 is offline." in map_in_words(page)


def test_disk_that_is_nearly_full_is_named(browser: Client, cluster: Cluster) -> None:
    fleet(2)
    hear_from(2, facts=FACTS)

    page = browser.get(URL).text

    assert "All 2 nodes are online. node2 has a disk that is nearly full." in page


def test_node_that_is_reached_outside_the_vpn_is_named(browser: Client, cluster: Cluster) -> None:
    fleet(2)
    hear_from(2, path=Contact.Path.PUBLIC)

    page = browser.get(URL).text

    assert "node2 is not reached through the VPN" in page
    assert "node2 is online, but outside the VPN." in map_in_words(page)


def test_several_nodes_that_join_are_named_together(browser: Client, cluster: Cluster) -> None:
    fleet(1)
    add_node(2, state=Node.State.JOINING)
    add_node(3, state=Node.State.JOINING)

    assert "node2 and node3 are joining. The other nodes are online." in browser.get(URL).text


def test_node_that_is_being_removed_is_not_called_online(browser: Client, cluster: Cluster) -> None:
    fleet(2)
    add_node(3, state=Node.State.REMOVING)

    assert "node3 is being removed. The other nodes are online." in browser.get(URL).text


def test_replaced_leader_says_that_its_news_is_old(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    become(local_agent, "deposed", node_id=1, successor={"id": 2, "fqdn": "b", "console_url": ""})

    add_node(2)

    page = browser.get(URL).text

    assert "What is true now, node2 knows." in page
    assert "power and network" not in page
    assert "Map of the VPN" not in page


def test_contested_leader_says_that_a_person_must_decide(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    claim = {"node_id": 3, "term": 2, "leader": 2}
    become(local_agent, "leader", node_id=1, contested=[claim])

    assert "It is not clear who leads." in browser.get(URL).text


def test_card_shows_how_busy_the_node_is(browser: Client, cluster: Cluster) -> None:
    fleet(1)
    hear_from(1, facts=FACTS | {"cpu_percent": 37})

    card = cards(browser.get(URL).text)[0]

    for fact in ("node1.example.org", "Leader", "10.5.4.1", "37 %", "50 % of", "Disk /srv"):
        assert fact in card


def test_card_of_an_offline_node_shows_since_when_and_no_old_figures(
    browser: Client, cluster: Cluster
) -> None:
    since = timezone.now().replace(microsecond=0) - timedelta(minutes=7)
    fleet(2)
    hear_from(2, facts=FACTS, last_contact=since)

    card = cards(browser.get(URL).text)[1]

    assert f'<time datetime="{since.isoformat()}"' in card
    assert "50 % of" not in card


def test_of_many_nodes_those_in_trouble_are_shown(browser: Client, cluster: Cluster) -> None:
    fleet(30)
    hear_from(29, last_contact=timezone.now() - timedelta(minutes=7))

    page = browser.get(URL).text

    assert len(cards(page)) == 16
    assert "node29" in cards(page)[0]
    assert "All 30 nodes" in page


def test_map_says_the_same_in_words(browser: Client, cluster: Cluster) -> None:
    fleet(3)

    words = map_in_words(browser.get(URL).text)

    assert words == "node1 leads. node2 is connected. node3 is connected."


def test_old_handshake_is_no_connection(browser: Client, cluster: Cluster) -> None:
    fleet(2)
    old = {"node_id": 2, "endpoint": "", "handshake_age": 900}
    hear_from(1, health=health(old))

    assert "node2 is online, but outside the VPN." in map_in_words(browser.get(URL).text)


@pytest.mark.parametrize("size", [1, 60])
def test_map_is_left_out_where_there_is_none_to_draw(
    size: int, browser: Client, cluster: Cluster
) -> None:
    fleet(size)

    assert "Map of the VPN" not in browser.get(URL).text


def test_overview_shows_what_is_left_to_do(browser: Client, cluster: Cluster) -> None:
    follow_ups.note(FollowUp.Kind.BACKUP_PASSWORD, detail="Set it again.")

    assert "Set it again." in browser.get(URL).text


def test_overview_shows_the_last_events_and_operations(browser: Client, cluster: Cluster) -> None:
    page = browser.get(URL).text

    assert "Create the cluster" in page
    assert "<strong>alice</strong>" in page


def test_running_operation_is_on_the_overview(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    newcomer.enrol(make_code()[1])

    page = browser.get(URL).text

    assert "Let node2.example.org join." in page
    assert "Follow it" in page


def test_overview_names_the_step_that_an_operation_is_at(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    newcomer.enrol(make_code()[1])
    steps = OperationStep.objects.filter(operation__kind=Operation.Kind.JOIN)
    steps.filter(name="connect").update(state=OperationStep.State.RUNNING)

    page = browser.get(URL).text

    assert step_title("join", "connect") in page
    assert step_title("join", "admit") not in page


def test_overview_costs_the_same_queries_for_many_nodes(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    fleet(16)

    with django_assert_max_num_queries(12):
        browser.get(URL)


@pytest.mark.parametrize(
    "lie",
    [
        {"facts": {"load": "high", "memory": 3, "disks": [None], "booted_at": 1e300}},
        {"health": {"vpn": {"peers": [None, {"node_id": "x"}, {"node_id": 2}]}}},
        {"health": {"vpn": [], "refused_state": 7}},
    ],
    ids=["facts", "peers", "vpn"],
)
@pytest.mark.parametrize("path", [URL, "/nodes/", "/nodes/2/"])
def test_node_that_lies_breaks_no_page(
    path: str, lie: dict[str, Any], browser: Client, cluster: Cluster
) -> None:
    fleet(2)
    hear_from(2, **lie)

    assert browser.get(path).status_code == 200


def test_auditor_sees_the_overview(auditor: Client, cluster: Cluster) -> None:
    assert auditor.get(URL).status_code == 200


def test_new_machine_has_no_overview(browser: Client, local_agent: FakeAgent) -> None:
    assert browser.get(URL).headers["Location"] == "/"
