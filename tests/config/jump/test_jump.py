"""What typing a part of a name finds, and whom it shows what."""

import pytest
from django.test import Client

from accounts.models import Administrator
from cluster.models import Cluster
from config.jump.find import MOST, find
from config.jump.places import Place
from nodes.models import Application, Node
from tests.cluster.conftest import cluster, resolvable_names, tls_certificate
from tests.fakes import FakeAgent, local_agent

__all__ = ["cluster", "local_agent", "resolvable_names", "tls_certificate"]
pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def browser(role: str = Administrator.Role.ADMINISTRATOR) -> Client:
    client = Client()
    client.force_login(Administrator.objects.create(username="alice", role=role))
    return client


def links(client: Client, text: str) -> dict[str, str]:
    """Label and URL of what ``text`` finds."""
    answer = client.get("/search/", {"q": text})
    assert answer.status_code == 200
    return {place.label: place.url for place in answer.context["found"]}


def test_every_word_has_to_be_there() -> None:
    both, one = Place("Page", "Audit trail", "/a/"), Place("Page", "Audit", "/b/")

    assert find("trail audit", [both, one]) == [both]


def test_name_that_begins_so_comes_first_and_the_manual_last() -> None:
    manual, within, begins = (
        Place("Manual", "Nodes", "/h/"),
        Place("Action", "Add nodes", "/a/"),
        Place("Page", "Nodes", "/n/"),
    )

    assert find("nodes", [manual, within, begins]) == [begins, within, manual]


def test_no_more_than_twenty_are_shown() -> None:
    many = [Place("Node", f"node{number}", "/") for number in range(50)]

    assert len(find("node", many)) == MOST == 20


def test_nothing_typed_shows_the_pages() -> None:
    assert [place.kind for place in find(" ", [Place("Page", "A", "/"), Place("Node", "B", "/")])]


def test_node_is_found_by_number_name_and_label(cluster: Cluster) -> None:
    Node.objects.update(label="Cellar")
    client = browser()

    assert all("/nodes/1/" in links(client, text).values() for text in ("NODE1", "cellar"))
    assert "/nodes/1/" in links(client, Node.objects.get().fqdn).values()


def test_application_from_here_is_found_by_its_page(cluster: Cluster) -> None:
    node = Node.objects.get()
    Application.objects.create(node=node, engine="container", name="wiki", managed=True)

    assert links(browser(), "wiki") == {"wiki on node1": "/applications/1/wiki/"}


def test_application_without_a_page_leads_to_the_list(cluster: Cluster) -> None:
    node = Node.objects.get()
    Application.objects.create(node=node, engine="service", name="ssh.service")

    assert links(browser(), "ssh.service") == {"ssh.service on node1": "/applications/"}


def test_administrator_is_found_by_full_name(cluster: Cluster) -> None:
    client = browser()
    Administrator.objects.create(username="bob", full_name="Robert Roe")

    assert links(client, "roe") == {"bob": "/settings/administrators/bob/"}


def test_administrator_finds_what_changes_the_cluster(cluster: Cluster) -> None:
    assert links(browser(), "add node to cl")["Add node to cluster"] == "/nodes/add/"


def test_auditor_is_offered_no_change_but_of_their_own_account(cluster: Cluster) -> None:
    client = browser(Administrator.Role.AUDITOR)

    assert "Add node to cluster" not in links(client, "add node")
    assert "Change my password" in links(client, "my password")


def test_chapter_of_the_manual_is_found_by_an_error_code(cluster: Cluster) -> None:
    assert links(browser(), "join_code_used") == {"join_code_used": "/help/errors/#join_code_used"}


def test_new_machine_finds_no_page_of_a_cluster(local_agent: FakeAgent) -> None:
    assert {url for url in links(browser(), "node").values() if "/help/" not in url} == set()


def test_box_gets_only_the_list(cluster: Cluster) -> None:
    answer = browser().get("/search/", {"q": "audit"}, headers=PART)

    assert "<html" not in answer.text
    assert 'data-for="audit"' in answer.text


@pytest.mark.parametrize("text", ["<b>", "\x00", "%", "'", "\\", "x" * 5000, "ß" * 300])
def test_odd_text_is_shown_as_it_is_and_harms_nothing(text: str, cluster: Cluster) -> None:
    answer = browser().get("/search/", {"q": text})

    assert answer.status_code == 200
    assert "<b>" not in answer.text


def test_number_of_queries_does_not_grow(
    cluster: Cluster, django_assert_max_num_queries: object
) -> None:
    node, client = Node.objects.get(), browser()
    for number in range(30):
        Application.objects.create(node=node, engine="container", name=f"app{number}")

    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/search/", {"q": "app"}, headers=PART)
