"""Domains of accounts: creating, registering and forgetting them (S16)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.forwarding.receiver import fingerprints
from audit.services import record
from cluster import state
from cluster.domains.members import is_busy, nodes_of
from cluster.domains.names import (
    admin_dn_of,
    base_dn_of,
    check_authority,
    check_dn,
    check_name,
    check_urls,
    free_port,
)
from cluster.domains.replica import password_of
from cluster.errors import ConfirmationMismatch
from cluster.errors.domains import (
    DomainBusy,
    DomainHasNoPassword,
    DomainHasProviders,
    DomainInvalid,
    DomainKnown,
    DomainPasswordDrawn,
    DomainPortTaken,
)
from cluster.models import Domain
from cluster.services.queries import lock_cluster
from config.encryption import encrypt
from nodes.errors import DomainNotFound

PASSWORD_BYTES = 24
LONGEST_PASSWORD = 1024


@dataclass(frozen=True, slots=True)
class Directory:
    """Accounts that are provided elsewhere; without a bind DN they are read as nobody."""

    urls: Sequence[str]
    base_dn: str
    bind_dn: str = ""
    password: str = field(default="", repr=False)
    verify_tls: bool = True
    start_tls: bool = False
    """At addresses that begin with ``ldap``."""
    ca: str = ""
    """Certificates that they are verified by; without, those that each node trusts."""


@transaction.atomic
def create_domain(name: str, *, actor: Actor, port: int | None = None) -> Domain:
    """A domain that nodes of the cluster provide; no provider is added yet.

    Raises DomainInvalid, DomainKnown and DomainPortTaken.
    """
    lock_cluster()
    name = _check_new(name)
    base_dn = base_dn_of(name)
    domain = Domain.objects.create(
        name=name,
        port=_choose_port(port),
        base_dn=base_dn,
        bind_dn=admin_dn_of(base_dn),
        password=encrypt(secrets.token_urlsafe(PASSWORD_BYTES)),
    )
    return _note_new(domain, actor=actor)


@transaction.atomic
def register_domain(name: str, *, actor: Actor, directory: Directory) -> Domain:
    """A domain that is provided elsewhere; raises DomainInvalid and DomainKnown."""
    lock_cluster()
    check_login(directory.bind_dn, directory.password)
    domain = Domain.objects.create(
        name=_check_new(name),
        kind=Domain.Kind.EXTERNAL,
        urls=check_urls(directory.urls),
        base_dn=check_dn(directory.base_dn, field="base_dn"),
        bind_dn=check_dn(directory.bind_dn, field="bind_dn") if directory.bind_dn else "",
        password=encrypt(directory.password) if directory.password else "",
        verify_tls=directory.verify_tls,
        start_tls=directory.start_tls,
        ca=check_authority(directory.ca),
    )
    return _note_new(domain, actor=actor)


@transaction.atomic
def remove_domain(domain: Domain, *, actor: Actor, confirmation: str) -> None:
    """Forget a domain that no node provides any more.

    Raises ConfirmationMismatch, DomainBusy, DomainHasProviders and DomainNotFound.
    """
    domain = _locked(domain)
    if confirmation != domain.name:
        raise ConfirmationMismatch(field="confirmation", expected=domain.name)
    nodes = nodes_of(domain)
    if nodes:
        named = ", ".join(f"node{node.pk}" for node in nodes)
        raise DomainHasProviders(domain=domain.name, nodes=named)
    if is_busy(domain):
        raise DomainBusy(domain=domain.name)
    target, kind = domain.audit_target, domain.kind
    domain.delete()
    state.bump()
    record(AuditAction.DOMAIN_REMOVED, actor=actor, target=target, details={"kind": kind})


@transaction.atomic
def reveal_password(domain: Domain, *, actor: Actor) -> str:
    """The bind DN's password, and that it was looked at; raises DomainHasNoPassword."""
    password = password_of(domain)
    if not password:
        raise DomainHasNoPassword(domain=domain.name)
    record(AuditAction.DOMAIN_PASSWORD_SHOWN, actor=actor, target=domain.audit_target)
    return password


@transaction.atomic
def change_password(
    domain: Domain, *, actor: Actor, bind_dn: str = "", password: str = ""
) -> Domain:
    """Draw a new password for a domain that is provided here, which its providers are then told
    one after the other; or take what a directory elsewhere accepts now.

    Raises DomainInvalid, DomainNotFound and DomainPasswordDrawn.
    """
    domain = _locked(domain)
    if domain.is_provided:
        if bind_dn or password:
            raise DomainPasswordDrawn(field="password" if password else "bind_dn")
        domain.password = encrypt(secrets.token_urlsafe(PASSWORD_BYTES))
        domain.password_number += 1
    else:
        check_login(bind_dn, password)
        domain.bind_dn = check_dn(bind_dn, field="bind_dn") if bind_dn else ""
        domain.password = encrypt(password) if password else ""
    domain.save(update_fields=["bind_dn", "password", "password_number"])
    state.bump()
    details = {"bind_dn": domain.bind_dn}
    record(
        AuditAction.DOMAIN_PASSWORD_CHANGED,
        actor=actor,
        target=domain.audit_target,
        details=details,
    )
    return domain


def find_domain(name: str) -> Domain:
    """Raises DomainNotFound."""
    domain = Domain.objects.filter(name=name.lower()).first()
    if domain is None:
        raise DomainNotFound(domain=name[:253])
    return domain


def _locked(domain: Domain) -> Domain:
    """As it is now, with whatever others did before; raises DomainNotFound."""
    lock_cluster()
    present = Domain.objects.filter(pk=domain.pk).first()
    if present is None:
        raise DomainNotFound(domain=domain.name)
    return present


def _check_new(name: str) -> str:
    name = check_name(name)
    if Domain.objects.filter(name=name).exists():
        raise DomainKnown(field="name", domain=name)
    return name


def _choose_port(port: int | None) -> int:
    taken = {each.port: each.name for each in Domain.objects.provided() if each.port}
    if port in taken:
        raise DomainPortTaken(field="port", port=port, holder=taken[port])
    return port or free_port(taken)


def check_login(bind_dn: str, password: str) -> None:
    """Raises DomainInvalid."""
    if bool(password) != bool(bind_dn):
        problem = "A bind DN and its password belong together"
        raise DomainInvalid(field="password" if bind_dn else "bind_dn", problem=problem)
    if len(password) > LONGEST_PASSWORD or not password.isprintable():
        problem = f"A password is one line of at most {LONGEST_PASSWORD} characters"
        raise DomainInvalid(field="password", problem=problem)


def _note_new(domain: Domain, *, actor: Actor) -> Domain:
    state.bump()
    details = {
        name: getattr(domain, name)
        for name in ("kind", "port", "urls", "base_dn", "bind_dn", "verify_tls", "start_tls")
    }
    details["certificate_fingerprints"] = fingerprints(domain.ca)
    record(AuditAction.DOMAIN_CREATED, actor=actor, target=domain.audit_target, details=details)
    return domain
