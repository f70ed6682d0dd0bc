"""Domains and their providers as tests ask for them, and nodes that do what they are told."""

from cluster.models import Domain, InstalledApplication, Operation
from cluster.services.domains import create_domain
from cluster.services.providers import request_provider, request_provider_removal, tend
from nodes.models import Command, Node
from tests.cluster.factories import ADMIN, add_node, carry_on, hear_from
from tests.cluster.installing import answer

NAME = "example.org"
VERBS = ("install_application", "remove_application")


def make_domain(name: str = NAME, *, nodes: tuple[int, ...] = ()) -> Domain:
    """A domain that so many nodes provide, each of which knows the others."""
    domain = create_domain(name, actor=ADMIN)
    for number in nodes:
        if not Node.objects.filter(pk=number).exists():
            add_node(number)
            hear_from(number)
        add_provider(domain, number)
    settle_down()
    return domain


def add_provider(domain: Domain, number: int) -> Operation:
    """It runs."""
    node = Node.objects.get(pk=number)
    return do(request_provider(domain, node, actor=ADMIN))


def remove_provider(domain: Domain, number: int, confirmation: str = "") -> Operation:
    """It is gone."""
    asked = request_provider_removal(domain, number, actor=ADMIN, confirmation=confirmation)
    return do(asked)


def do(operation: Operation) -> Operation:
    """The node does it."""
    carry_on(operation)
    for verb in VERBS:
        if Command.objects.filter(verb=verb, acknowledged_at=None).exists():
            answer(verb)
    carry_on(operation)
    assert operation.state == Operation.State.SUCCEEDED, operation.error_detail
    return operation


def settle_down() -> list[int]:
    """Every provider that has to be told of its peers is told; which nodes, in this order."""
    told: list[int] = []
    for _ in range(10):
        tend()
        changes = Operation.objects.open().filter(kind=Operation.Kind.CHANGE_APPLICATION)
        operation = changes.first()
        if operation is None:
            break
        do(operation)
        told.append(operation.parameters["node_id"])
    return told


def peers() -> dict[int, str]:
    """What each node's provider was told."""
    rows = InstalledApplication.objects.select_related("application")
    return {r.application.node_id: r.definition["environment"]["LDAP_PEERS"] for r in rows}
