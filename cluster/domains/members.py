"""Which nodes provide a domain, and what is being done about it."""

from django.db.models import QuerySet

from cluster.domains.names import application_of
from cluster.models import Domain, InstalledApplication, Operation
from nodes.models import Application, Node


def providers_of(domain: Domain) -> QuerySet[InstalledApplication]:
    """Those that were added here, on nodes that are members, by node."""
    managed = Application.objects.managed().filter(name=application_of(domain.name))
    found = InstalledApplication.objects.filter(
        application__in=managed, definition__domain=domain.name
    )
    related = found.select_related("application__node__contact")
    return related.order_by("application__node_id")


def nodes_of(domain: Domain, *, without_new: bool = False) -> list[Node]:
    """Their nodes; ``without_new`` those whose provider is not complete yet are left out."""
    nodes = [installed.application.node for installed in providers_of(domain)]
    new = _subjects(domain, Operation.Kind.INSTALL_APPLICATION) if without_new else set()
    return [node for node in nodes if subject(domain, node) not in new]


def is_busy(domain: Domain) -> bool:
    """Whether a provider is being added or removed now."""
    kinds = (Operation.Kind.INSTALL_APPLICATION, Operation.Kind.REMOVE_APPLICATION)
    return bool(_subjects(domain, *kinds))


def is_being_changed(domain: Domain) -> bool:
    """Whether anything at all is done with one of its providers now."""
    return bool(_subjects(domain, *Operation.ABOUT_APPLICATIONS))


def subject(domain: Domain, node: Node) -> str:
    """Of operations about the provider on a node."""
    return f"node{node.pk}/{application_of(domain.name)}"


def _subjects(domain: Domain, *kinds: Operation.Kind) -> set[str]:
    ending = f"/{application_of(domain.name)}"
    found = Operation.objects.open().filter(kind__in=kinds, subject__endswith=ending)
    return set(found.values_list("subject", flat=True))
