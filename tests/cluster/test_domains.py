"""Domains of accounts, on the leader's side (S16)."""

import json

import pytest

from audit.models import AuditEvent
from cluster import replica
from cluster.domains import replica as domain_replica
from cluster.domains.names import application_of, check_dn, check_name, check_urls, free_port
from cluster.errors import ConfirmationMismatch
from cluster.errors.domains import (
    DomainBusy,
    DomainHasNoPassword,
    DomainHasProviders,
    DomainInvalid,
    DomainKnown,
    DomainPortTaken,
)
from cluster.models import Cluster, Domain
from cluster.services.domains import (
    Directory,
    create_domain,
    register_domain,
    remove_domain,
    reveal_password,
)
from cluster.services.providers import request_provider
from nodes.errors import DomainNotFound
from nodes.models import Node
from tests.cluster.factories import ADMIN, add_node, hear_from
from tests.cluster.providing import (
    NAME,
    make_domain,
    remove_provider,
)

pytestmark = pytest.mark.django_db
ELSEWHERE = Directory(
    urls=["ldaps://ldap.example.net"],
    base_dn="dc=example,dc=net",
    bind_dn="cn=reader,dc=example,dc=net",
    password="open sesame",
)


@pytest.fixture(autouse=True)
def worker(cluster: Cluster) -> Node:
    """Node 2, which is heard."""
    node = add_node(2)
    hear_from(2)
    return node


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_new_domain_has_a_base_dn_a_port_and_a_password_that_nobody_chose() -> None:
    domain = create_domain("Example.ORG", actor=ADMIN)

    assert (domain.name, domain.port, domain.base_dn) == (NAME, 389, "dc=example,dc=org")
    assert domain.bind_dn == "cn=admin,dc=example,dc=org"
    assert len(domain_replica.password_of(domain)) >= 32
    assert domain_replica.password_of(domain) not in domain.password
    (event,) = events("domain.created")
    assert (event.target_id, event.details["kind"], event.details["port"]) == (
        NAME,
        "provided",
        389,
    )


@pytest.mark.parametrize(
    "name", ["", "localhost", "a b.org", "-a.org", "exa_mple.org", "x." * 120 + "org", "bücher.de"]
)
def test_what_is_no_domain_is_refused(name: str) -> None:
    with pytest.raises(DomainInvalid):
        create_domain(name, actor=ADMIN)
    assert not Domain.objects.exists()


def test_domain_is_created_once() -> None:
    create_domain(NAME, actor=ADMIN)
    with pytest.raises(DomainKnown):
        create_domain("EXAMPLE.org.", actor=ADMIN)


def test_every_domain_has_a_port_of_its_own() -> None:
    create_domain(NAME, actor=ADMIN)
    assert create_domain("example.com", actor=ADMIN).port == 3389
    with pytest.raises(DomainPortTaken):
        create_domain("example.net", actor=ADMIN, port=389)


@pytest.mark.parametrize(
    ("first", "second"), [("a-b.org", "a.b.org"), ("x" * 60 + ".org", "x" * 59 + ".org")]
)
def test_providers_of_two_domains_never_share_a_name(first: str, second: str) -> None:
    names = {application_of(first), application_of(second)}
    assert len(names) == 2
    assert max(map(len, names)) <= 40


def test_free_port_is_not_among_those_taken() -> None:
    assert [free_port([]), free_port([389]), free_port([389, 3389])] == [389, 3389, 3390]


@pytest.mark.parametrize(
    "urls",
    [
        [],
        ["http://ldap.example.org"],
        ["ldap://"],
        ["ldaps://u:p@ldap.example.org"],
        ["ldap://ldap.example.org/dc=example"],
        ["ldap://ldap.example.org:99999"],
        ["ldap://ldap.example.org:0"],
        ["ldap://[::1"],
        ["ldap://a.org"] * 6,
    ],
    ids=str,
)
def test_address_that_is_none_of_a_directory_is_refused(urls: list[str]) -> None:
    with pytest.raises(DomainInvalid):
        check_urls(urls)


@pytest.mark.parametrize("name", ["", "example", "dc=", "dc=a,", "=b", "dc=a\n", "x" * 300 + "=a"])
def test_what_is_no_distinguished_name_is_refused(name: str) -> None:
    with pytest.raises(DomainInvalid):
        check_dn(f"{name}\0" if name.endswith("\n") else name, field="base_dn")


def test_name_is_kept_in_small_letters() -> None:
    assert check_name(" Example.Org. ") == NAME


def test_domain_goes_only_without_providers_and_when_it_is_typed() -> None:
    domain = make_domain(nodes=(2,))
    with pytest.raises(DomainHasProviders):
        remove_domain(domain, actor=ADMIN, confirmation=NAME)
    remove_provider(domain, 2, NAME)
    with pytest.raises(ConfirmationMismatch):
        remove_domain(domain, actor=ADMIN, confirmation="example")

    remove_domain(domain, actor=ADMIN, confirmation=NAME)
    assert not Domain.objects.exists()
    assert events("domain.removed")[0].target_id == NAME


def test_domain_is_removed_once_by_two_at_a_time() -> None:
    first, second = make_domain(), Domain.objects.get()
    remove_domain(first, actor=ADMIN, confirmation=NAME)
    with pytest.raises(DomainNotFound):
        remove_domain(second, actor=ADMIN, confirmation=NAME)
    assert len(events("domain.removed")) == 1


def test_domain_stays_while_its_first_provider_is_added() -> None:
    domain = create_domain(NAME, actor=ADMIN)
    request_provider(domain, Node.objects.get(pk=2), actor=ADMIN)
    with pytest.raises((DomainBusy, DomainHasProviders)):
        remove_domain(domain, actor=ADMIN, confirmation=NAME)


def test_password_is_shown_and_that_is_recorded_without_it() -> None:
    domain = register_domain("example.net", actor=ADMIN, directory=ELSEWHERE)

    assert reveal_password(domain, actor=ADMIN) == "open sesame"
    (event,) = events("domain.password.shown")
    assert (event.target_id, event.details) == ("example.net", {})
    assert "open sesame" not in json.dumps([each.details for each in AuditEvent.objects.all()])


def test_directory_that_everybody_may_read_has_no_password() -> None:
    directory = Directory(urls=["ldap://ldap.example.net"], base_dn="dc=example,dc=net")
    domain = register_domain("example.net", actor=ADMIN, directory=directory)
    with pytest.raises(DomainHasNoPassword):
        reveal_password(domain, actor=ADMIN)


@pytest.mark.parametrize(
    ("bind_dn", "password"), [("cn=reader,dc=net", ""), ("", "secret"), ("cn=r,dc=n", "a\nb")]
)
def test_bind_dn_and_password_belong_together(bind_dn: str, password: str) -> None:
    directory = Directory(["ldap://a.org"], "dc=a", bind_dn=bind_dn, password=password)
    with pytest.raises(DomainInvalid):
        register_domain("example.net", actor=ADMIN, directory=directory)


def test_domains_come_back_from_what_a_later_leader_gets() -> None:
    make_domain()
    register_domain("example.net", actor=ADMIN, directory=ELSEWHERE)
    sealed = json.loads(json.dumps(replica.export()["domains"]))
    before = [(d.name, d.port, d.urls, domain_replica.password_of(d)) for d in Domain.objects.all()]

    domain_replica.restore(sealed)

    after = [(d.name, d.port, d.urls, domain_replica.password_of(d)) for d in Domain.objects.all()]
    assert after == before
    domain_replica.restore(())
    assert not Domain.objects.exists()
