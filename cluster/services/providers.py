"""Providers of a domain's accounts: one is added or removed, and the others are told (S16)."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from cluster.domains import members, recipe
from cluster.domains.replica import password_of
from cluster.errors import ConfirmationMismatch
from cluster.errors.domains import DomainBusy, DomainIsExternal, ProviderKnown, ProviderNotFound
from cluster.models import Domain, InstalledApplication, Operation
from cluster.services.applications import Wish, request_change, request_install, request_uninstall
from cluster.services.queries import lock_cluster
from config.errors import DomainError
from nodes.agent.applications.definition import Definition
from nodes.models import Node

PAUSE = timedelta(minutes=5)
"""After a provider did not take its new peers, before it is told again."""
log = structlog.get_logger(__name__)


@transaction.atomic
def request_provider(domain: Domain, node: Node, *, actor: Actor) -> Operation:
    """Accept a provider on a node that is online; the first one begins with an empty domain.

    Raises DomainIsExternal, ProviderKnown, DomainBusy, and what an installation raises.
    """
    lock_cluster()
    if not domain.is_provided:
        raise DomainIsExternal(domain=domain.name)
    if members.is_busy(domain):
        raise DomainBusy(domain=domain.name)
    present = members.nodes_of(domain)
    if node.pk in {each.pk for each in present}:
        raise ProviderKnown(field="node", node=node.pk, domain=domain.name)
    definition = recipe.definition(domain, node, peers=present)
    wish = Wish(definition, secrets={recipe.PASSWORD: password_of(domain)})
    return request_install(node, actor=actor, wish=wish)


@transaction.atomic
def request_provider_removal(
    domain: Domain, node_id: int, *, actor: Actor, confirmation: str
) -> Operation:
    """Accept the removal of a provider with its copy of the entries; for the last one, with which
    the entries are lost, the domain's name is typed.

    Raises ProviderNotFound, DomainBusy, ConfirmationMismatch, and what a removal raises.
    """
    lock_cluster()
    found = find_provider(domain, node_id)
    if members.is_busy(domain):
        raise DomainBusy(domain=domain.name)
    is_last = len(members.nodes_of(domain)) == 1
    if confirmation != domain.name and (is_last or confirmation):
        raise ConfirmationMismatch(field="confirmation", expected=domain.name)
    name = found.application.name
    return request_uninstall(found, actor=actor, confirmation=name, wipe=True)


def find_provider(domain: Domain, node_id: int) -> InstalledApplication:
    """Raises ProviderNotFound."""
    found = members.providers_of(domain).filter(application__node_id=node_id).first()
    if found is None:
        raise ProviderNotFound(node=node_id, domain=domain.name)
    return found


def tend() -> None:
    """Have every provider know its present peers, one after the other: nodes come and go, and
    those that are away are told when they are back.
    """
    for domain in Domain.objects.provided():
        if not members.is_being_changed(domain):
            _tell_next(domain)


def _tell_next(domain: Domain) -> None:
    peers = members.nodes_of(domain)
    for installed in members.providers_of(domain):
        node = installed.application.node
        wanted = recipe.environment(domain, node, peers=peers)
        if installed.definition["environment"] != wanted and _may_be_told(domain, node):
            _tell(installed, domain, peers)
            return


def _may_be_told(domain: Domain, node: Node) -> bool:
    """Online, and not the one that has just failed to take it."""
    failed = Operation.objects.filter(
        kind=Operation.Kind.CHANGE_APPLICATION,
        subject=members.subject(domain, node),
        state__in=(Operation.State.FAILED, Operation.State.CANCELLED),
        ended_at__gt=timezone.now() - PAUSE,
    )
    return node.status == Node.Status.ONLINE and not failed.exists()


def _tell(installed: InstalledApplication, domain: Domain, peers: list[Node]) -> None:
    node = installed.application.node
    definition = recipe.with_peers(installed.definition, domain, node, peers=peers)
    wish = Wish(definition, secrets=_new_secrets(installed, definition, domain))
    try:
        request_change(installed, actor=Actor.system(), wish=wish)
    except DomainError as error:
        log.warning("provider_not_told", node=node.pk, domain=domain.name, code=error.code)


def _new_secrets(
    installed: InstalledApplication, wanted: Definition, domain: Domain
) -> dict[str, str]:
    """The password, if it was changed since the provider was told it."""
    known = installed.definition["environment"].get(recipe.PASSWORD_NUMBER)
    is_known = (wanted.environment or {}).get(recipe.PASSWORD_NUMBER) == known
    return {} if is_known else {recipe.PASSWORD: password_of(domain)}
