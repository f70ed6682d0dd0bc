"""What runs where, and who provides the accounts of a domain (S16, S19)."""

from typing import Any

import pytest
from django.test import Client

from cluster.models import Cluster
from nodes.models import Node
from tests.cluster.factories import add_node, hear_from
from tests.cluster.views.applications import provide, run

pytestmark = pytest.mark.django_db


def test_list_shows_every_application_with_its_node(browser: Client, cluster: Cluster) -> None:
    run(add_node(2), "mail1", image="registry/mail:1.4", ports=["8080->80/tcp"])

    page = browser.get("/applications/").text

    for fact in ("mail1", "registry/mail:1.4", "8080-&gt;80/tcp", "Running", 'href="/nodes/2/"'):
        assert fact in page


def test_list_says_where_nothing_runs(browser: Client, cluster: Cluster) -> None:
    assert "No node reports an application." in browser.get("/applications/").text


def test_applications_of_a_removed_node_are_not_listed(browser: Client, cluster: Cluster) -> None:
    run(add_node(2, state=Node.State.REMOVED), "mail1")

    assert "mail1" not in browser.get("/applications/").text


def test_applications_of_a_silent_node_are_marked_as_old_news(
    browser: Client, cluster: Cluster
) -> None:
    run(add_node(2), "mail1")

    assert "as it was when last heard" in browser.get("/applications/").text

    hear_from(2)
    assert "as it was when last heard" not in browser.get("/applications/").text


def test_list_costs_the_same_queries_for_many_applications(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    node = add_node(2)
    for number in range(30):
        run(node, f"mail{number}")

    with django_assert_max_num_queries(9):
        browser.get("/applications/")


def test_list_can_be_narrowed_to_one_node(browser: Client, cluster: Cluster) -> None:
    run(add_node(2), "mail1")
    run(add_node(3), "files1")

    page = browser.get("/applications/?node=3").text

    assert "files1" in page
    assert "mail1" not in page


def test_domain_counts_its_providers_and_leads_to_them(browser: Client, cluster: Cluster) -> None:
    """S16: the link shows where they are."""
    provide(add_node(2), "samba1")
    provide(add_node(3), "samba2")
    run(Node.objects.get(pk=3), "files1")

    page = browser.get("/domains/").text

    assert 'href="/applications/?domain=example.org">2 providers' in page
    assert 'href="/nodes/2/"' in page
    assert 'href="/nodes/3/"' in page


def test_link_of_a_domain_shows_its_providers_and_nothing_else(
    browser: Client, cluster: Cluster
) -> None:
    """S16."""
    node = add_node(2)
    provide(node, "samba1")
    provide(node, "ldap1", domain="example.net")
    run(node, "files1")

    page = browser.get("/applications/?domain=example.org").text

    assert "samba1" in page
    assert "ldap1" not in page
    assert "files1" not in page


def test_domains_page_says_where_there_is_none(browser: Client, cluster: Cluster) -> None:
    run(add_node(2), "files1")

    assert "No application provides accounts." in browser.get("/domains/").text


def test_domains_cost_the_same_queries_for_many_providers(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    node = add_node(2)
    for number in range(30):
        provide(node, f"samba{number}", domain=f"{number}.example.org")

    with django_assert_max_num_queries(10):
        browser.get("/domains/")


def test_page_of_a_node_lists_its_applications_and_only_those(
    browser: Client, cluster: Cluster
) -> None:
    """S19."""
    run(add_node(2), "mail1")
    run(add_node(3), "files1")

    page = browser.get("/nodes/2/").text

    assert "mail1" in page
    assert "files1" not in page


def test_strange_filter_finds_nothing_and_breaks_nothing(browser: Client, cluster: Cluster) -> None:
    assert browser.get("/applications/?node=x%27&domain=%00").status_code == 200
