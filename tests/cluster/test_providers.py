"""Providers of a domain: added, removed, and told of each other (S16, S17)."""

import json
from datetime import timedelta

import pyrage
import pytest
from django.utils import timezone

from cluster import scheduled
from cluster.domains import replica as domain_replica
from cluster.errors import ConfirmationMismatch, NodeNotReachable
from cluster.errors.domains import (
    DomainBusy,
    DomainIsExternal,
    ProviderKnown,
    ProviderNotFound,
)
from cluster.models import Cluster, InstalledApplication, Operation
from cluster.services.domains import (
    Directory,
    create_domain,
    register_domain,
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
ELSEWHERE = Directory(urls=["ldaps://ldap.example.net"], base_dn="dc=example,dc=net")


@pytest.fixture(autouse=True)
def worker(cluster: Cluster) -> Node:
    """Node 2, which is heard."""
    node = add_node(2)
    hear_from(2)
    return node


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


def test_nobody_is_told_while_a_provider_is_added() -> None:
    """The list is about to change again."""
    domain = make_domain(nodes=(2, 3))
    remove_provider(domain, 3)
    request_provider(domain, Node.objects.get(pk=3), actor=ADMIN)

    tend()

    assert Operation.objects.open().get().kind == "install_application"


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
