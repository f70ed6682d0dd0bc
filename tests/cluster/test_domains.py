"""Domains of accounts and their providers, on the leader's side (S16, S17)."""

import json
from datetime import timedelta

import pyrage
import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import replica, scheduled
from cluster.domains import replica as domain_replica
from cluster.domains.names import application_of, check_dn, check_name, check_urls, free_port
from cluster.errors import ConfirmationMismatch, NodeNotReachable
from cluster.errors.domains import (
    DomainBusy,
    DomainHasNoPassword,
    DomainHasProviders,
    DomainInvalid,
    DomainIsExternal,
    DomainKnown,
    DomainPortTaken,
    ProviderKnown,
    ProviderNotFound,
)
from cluster.models import Cluster, Domain, InstalledApplication, Operation
from cluster.services.domains import (
    Directory,
    create_domain,
    register_domain,
    remove_domain,
    reveal_password,
)
from cluster.services.providers import request_provider, request_provider_removal, tend
from nodes.agent import sealing
from nodes.models import Application, Command, Contact, Node
from tests.cluster.factories import ADMIN, add_node, carry_on, hear_from
from tests.cluster.installing import answer
from tests.cluster.providing import (
    NAME,
    add_provider,
    make_domain,
    peers,
    remove_provider,
    settle_down,
)
from tests.fakes import FakeAgent

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


def test_first_provider_begins_alone_and_gets_the_password_in_confidence(worker: Node) -> None:
    identity = pyrage.x25519.Identity.generate()
    Node.objects.filter(pk=worker.pk).update(sealing_key=str(identity.to_public()))
    worker = Node.objects.get(pk=worker.pk)
    domain = create_domain(NAME, actor=ADMIN)
    operation = carry_on(request_provider(domain, worker, actor=ADMIN))

    sent = Command.objects.get(verb="install_application").arguments
    definition = sent["definition"]
    assert definition["environment"]["LDAP_PEERS"] == ""
    assert definition["ports"] == [
        {"container": 389, "host": 389, "protocol": "tcp", "bind": "vpn"}
    ]
    assert (definition["role"], definition["domain"]) == ("account-provider", NAME)
    opened = sealing.open_sealed(sent["sealed"], identity=str(identity))
    assert json.loads(opened) == {"LDAP_PASSWORD": domain_replica.password_of(domain)}
    assert domain_replica.password_of(domain) not in json.dumps(operation.parameters)


def test_second_provider_knows_the_first_and_then_the_first_knows_it() -> None:
    domain = make_domain(nodes=(2,))
    add_node(3)
    hear_from(3)

    add_provider(domain, 3)
    first = Node.objects.get(pk=2).vpn_address
    assert peers() == {2: "", 3: f"2=ldap://{first}:389"}

    assert settle_down() == [2]
    second = Node.objects.get(pk=3).vpn_address
    assert peers() == {2: f"3=ldap://{second}:389", 3: f"2=ldap://{first}:389"}
    assert settle_down() == []


def test_providers_are_told_one_after_the_other() -> None:
    domain = make_domain(nodes=(2, 3))
    add_node(4)
    hear_from(4)
    add_provider(domain, 4)

    tend()
    tend()

    changes = Operation.objects.open().filter(kind="change_application")
    assert [operation.parameters["node_id"] for operation in changes] == [2]
    assert changes[0].actor["name"] == "system"


def test_provider_that_is_away_is_told_when_it_is_back() -> None:
    domain = make_domain(nodes=(2, 3))
    Contact.objects.filter(node_id=2).update(last_contact=timezone.now() - timedelta(minutes=5))
    remove_provider(domain, 3)
    assert settle_down() == []

    hear_from(2)
    assert settle_down() == [2]
    assert peers() == {2: ""}


def test_provider_that_did_not_take_it_is_left_alone_for_a_while() -> None:
    domain = make_domain(nodes=(2, 3))
    remove_provider(domain, 3)
    tend()
    operation = carry_on(Operation.objects.open().get())
    answer("install_application", ok=False, code="application_unhealthy", detail="No.")
    carry_on(operation)
    assert operation.state == "failed"

    tend()
    assert not Operation.objects.open().exists()
    Operation.objects.filter(pk=operation.pk).update(ended_at=timezone.now() - timedelta(hours=1))
    assert settle_down() == [2]


def test_node_that_was_removed_is_no_peer_any_more() -> None:
    """S17: also where it was removed by force, and nobody could ask it."""
    make_domain(nodes=(2, 3))
    Node.objects.filter(pk=3).update(state=Node.State.REMOVED)

    assert settle_down() == [2]
    assert peers()[2] == ""


def test_providers_are_told_by_the_clock_on_the_leader() -> None:
    remove_provider(make_domain(nodes=(2, 3)), 3)

    scheduled.tend_domains()

    assert Operation.objects.open().get().kind == "change_application"


def test_clock_does_nothing_on_a_node_that_leads_no_more(local_agent: FakeAgent) -> None:
    remove_provider(make_domain(nodes=(2, 3)), 3)
    local_agent.depose(by=3, term=2)

    scheduled.tend_domains()

    assert not Operation.objects.open().exists()


def test_one_provider_at_a_time_is_added() -> None:
    """Two that begin alone would be two domains."""
    domain = create_domain(NAME, actor=ADMIN)
    add_node(3)
    hear_from(3)
    request_provider(domain, Node.objects.get(pk=2), actor=ADMIN)

    with pytest.raises(DomainBusy):
        request_provider(domain, Node.objects.get(pk=3), actor=ADMIN)


def test_node_provides_a_domain_once() -> None:
    domain = make_domain(nodes=(2,))
    with pytest.raises(ProviderKnown):
        request_provider(domain, Node.objects.get(pk=2), actor=ADMIN)


def test_node_provides_two_domains() -> None:
    make_domain(nodes=(2,))
    make_domain("example.com", nodes=(2,))

    ports = [r.definition["ports"][0]["host"] for r in InstalledApplication.objects.order_by("pk")]
    assert ports == [389, 3389]


def test_node_that_is_offline_gets_no_provider() -> None:
    add_node(3)
    with pytest.raises(NodeNotReachable):
        request_provider(create_domain(NAME, actor=ADMIN), Node.objects.get(pk=3), actor=ADMIN)


def test_domain_that_is_provided_elsewhere_gets_no_provider() -> None:
    domain = register_domain("example.net", actor=ADMIN, directory=ELSEWHERE)
    with pytest.raises(DomainIsExternal):
        request_provider(domain, Node.objects.get(pk=2), actor=ADMIN)


def test_provider_is_removed_with_its_entries() -> None:
    domain = make_domain(nodes=(2, 3))
    carry_on(request_provider_removal(domain, 3, actor=ADMIN, confirmation=""))
    assert Command.objects.get(verb="remove_application").arguments["wipe"] is True


def test_last_provider_goes_only_when_the_domain_is_typed() -> None:
    domain = make_domain(nodes=(2,))
    with pytest.raises(ConfirmationMismatch):
        request_provider_removal(domain, 2, actor=ADMIN, confirmation="")

    remove_provider(domain, 2, NAME)
    assert not Application.objects.exists()


def test_provider_that_is_not_there_is_not_removed() -> None:
    with pytest.raises(ProviderNotFound):
        remove_provider(make_domain(nodes=(2,)), 3)


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
