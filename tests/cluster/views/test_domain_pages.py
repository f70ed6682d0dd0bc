"""The console's pages about domains and their providers (S16)."""

from typing import Any

import pytest
from django.test import Client

from cluster.domains.replica import password_of
from cluster.models import Cluster, Domain, InstalledApplication, Operation
from cluster.services import directory_standing
from cluster.services.directory_standing import Sight
from nodes.models import Node
from tests.accounts.factories import log_in_directly, make_administrator, make_auditor
from tests.cluster.factories import add_node, hear_from
from tests.cluster.providing import NAME, make_domain

pytestmark = pytest.mark.django_db
ONE = f"/domains/{NAME}/"


@pytest.fixture
def browser(cluster: Cluster) -> Client:
    """An administrator's, who has just proven who they are; node 2 is heard."""
    add_node(2, label="Harbour")
    hear_from(2)
    client = Client()
    log_in_directly(client, make_administrator("ann"))
    return client


@pytest.fixture
def auditor(cluster: Cluster) -> Client:
    client = Client()
    log_in_directly(client, make_auditor("otto"))
    return client


def test_domain_is_created_and_asks_for_its_first_provider(browser: Client) -> None:
    answer = browser.post("/domains/create/", {"name": NAME, "port": ""}, follow=True)

    assert answer.redirect_chain == [(ONE, 302)]
    assert "Add its first provider." in answer.text
    assert "No node provides this domain yet." in answer.text


def test_name_that_is_none_is_refused_beside_its_field(browser: Client) -> None:
    answer = browser.post("/domains/create/", {"name": "localhost"})
    assert (answer.status_code, "such as example.org" in answer.text) == (200, True)


def test_domain_elsewhere_is_registered(browser: Client) -> None:
    entered = {
        "name": "example.net",
        "urls": "ldaps://a.example.net\nldaps://b.example.net",
        "base_dn": "dc=example,dc=net",
        "bind_dn": "cn=reader,dc=example,dc=net",
        "password": "open sesame",
        "verify_tls": "on",
    }
    answer = browser.post("/domains/register/", entered, follow=True)

    assert Domain.objects.get().urls == ["ldaps://a.example.net", "ldaps://b.example.net"]
    assert "ldaps://b.example.net" in answer.text
    assert "sesame" not in answer.text
    assert "ldaps://b.example.net" in browser.get("/domains/").text


def test_page_has_what_applications_enter_but_not_the_password(browser: Client) -> None:
    domain = make_domain(nodes=(2,))
    text = browser.get(ONE).text

    assert f"ldap://{Node.objects.get(pk=2).vpn_address}:389" in text
    assert {domain.base_dn in text, domain.bind_dn in text} == {True}
    assert password_of(domain) not in text


def test_password_is_shown_when_it_is_asked_for(browser: Client) -> None:
    domain = make_domain()
    assert password_of(domain) not in browser.get(f"{ONE}password/").text
    assert password_of(domain) in browser.post(f"{ONE}password/").text


def test_provider_is_added_on_a_node_that_has_none(browser: Client) -> None:
    make_domain()
    assert "begins with an empty domain" in browser.get(f"{ONE}providers/add/").text

    answer = browser.post(f"{ONE}providers/add/", {"node": 2})

    operation = Operation.objects.latest("created_at")
    assert answer["Location"] == f"/operations/{operation.pk}/"
    assert "A provider is being added" in browser.get(f"{ONE}providers/add/").text


def test_node_that_provides_it_is_not_offered_again(browser: Client) -> None:
    make_domain(nodes=(2,))
    text = browser.get(f"{ONE}providers/add/").text
    assert ('value="1"' in text, 'value="2"' in text) == (True, False)


def test_removal_asks_to_be_typed_only_when_nobody_provides_the_domain(browser: Client) -> None:
    make_domain(nodes=(2,))
    shown = browser.get(f"/domains/{NAME}/remove/").content.decode()
    assert "It cannot be removed yet: 1 node provides it" in shown
    assert 'name="confirmation"' not in shown

    InstalledApplication.objects.all().delete()
    assert 'name="confirmation"' in browser.get(f"/domains/{NAME}/remove/").content.decode()


def test_page_of_the_last_provider_says_what_is_lost(browser: Client) -> None:
    make_domain(nodes=(2,))
    text = browser.get(f"{ONE}providers/2/remove/").text
    assert "This is the last provider." in text
    assert f"all accounts and groups of {NAME} are deleted" in text


def test_page_of_one_of_two_providers_says_where_the_accounts_stay(browser: Client) -> None:
    make_domain(nodes=(2, 3))
    text = browser.get(f"{ONE}providers/2/remove/").text
    assert "The accounts stay on node3." in text
    assert "last provider" not in text


def test_provider_is_removed_when_the_domain_is_typed(browser: Client) -> None:
    make_domain(nodes=(2,))
    place = f"{ONE}providers/2/remove/"
    refused = browser.post(place, {"confirmation": "example"})
    assert refused.status_code == 200

    browser.post(place, {"confirmation": NAME})
    assert Operation.objects.latest("created_at").kind == "remove_application"


def test_domain_is_removed_when_it_is_typed(browser: Client) -> None:
    make_domain()
    answer = browser.post(f"{ONE}remove/", {"confirmation": NAME})
    assert (answer["Location"], Domain.objects.count()) == ("/domains/", 0)


def test_domain_with_a_provider_stays(browser: Client) -> None:
    make_domain(nodes=(2,))
    answer = browser.post(f"{ONE}remove/", {"confirmation": NAME})
    assert "Remove its providers first" in answer.text
    assert Domain.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "failed", "words"),
    [
        ("in_step", "", "In step"),
        ("behind", "", "Behind"),
        ("unreachable", "connect", "The connection fails: connection refused"),
    ],
)
def test_state_of_each_provider_is_said(
    state: str, failed: str, words: str, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_domain(nodes=(2,))
    node = Node.objects.get(pk=2)
    sight = Sight(node, "ldap://x:389", state, failed=failed, detail="connection refused")
    monkeypatch.setattr(directory_standing, "look", lambda domain: [sight])
    assert words in browser.get(f"{ONE}standing/?now").text
    assert words in browser.get(f"{ONE}standing/", headers={"HX-Request": "true"}).text


def test_page_of_the_state_comes_before_anybody_is_asked(
    browser: Client, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the part asked for that takes seconds, and a link for who runs no scripts."""
    make_domain(nodes=(2,))
    monkeypatch.delattr(directory_standing, "look")
    seen = browser.get(f"{ONE}standing/").text

    assert f'data-hx-get="{ONE}standing/"' in seen
    assert f'<noscript><p><a class="button" href="{ONE}standing/?now"' in seen


@pytest.mark.parametrize("place", ["", "standing/", "password/", "remove/", "providers/add/"])
def test_unknown_domain_has_no_page(place: str, browser: Client) -> None:
    assert browser.get(f"/domains/nobody.example.org/{place}").status_code == 404


def test_provider_that_is_not_there_has_no_page(browser: Client) -> None:
    make_domain()
    assert browser.get(f"{ONE}providers/2/remove/").status_code == 404


def test_auditor_sees_no_way_to_change_anything(auditor: Client) -> None:
    make_domain()
    pages = "".join(auditor.get(place).text for place in (ONE, "/domains/", f"{ONE}password/"))
    buttons = ("Add provider", "Create a domain", "Show the password", "Show it")
    assert not [each for each in buttons if each in pages]


def test_page_costs_the_same_queries_for_many_providers(
    browser: Client, django_assert_max_num_queries: Any
) -> None:
    make_domain(nodes=(2, 3, 4, 5))
    browser.get(ONE)
    with django_assert_max_num_queries(13):
        browser.get(ONE)
