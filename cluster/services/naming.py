"""Giving a node another name (S10, S25)."""

from collections.abc import Sequence
from copy import copy
from urllib.parse import urlsplit, urlunsplit

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import state
from cluster.errors import EndpointNotReachable
from cluster.preflight.reach import check_reach
from cluster.preflight.sights import Sight, read_sight
from cluster.services.admission import check_name
from cluster.services.answers import await_answers
from cluster.services.queries import lock_cluster
from nodes.errors import NodeStateConflict
from nodes.models import Command, Node
from nodes.names import parse_fqdn
from nodes.services.commands import send_probe

PATIENCE = 6.0
"""Seconds after which a node that has not answered counts as silent."""


def change_fqdn(node: Node, *, actor: Actor, fqdn: str) -> Node:
    """Give the node another name; its console's address changes with it.

    The leader's only after every worker that is online has found it under the new one. Raises
    ``HostnameError``, ``NodeStateConflict``, and ``EndpointNotReachable``, which names each worker
    that failed and why.
    """
    name = parse_fqdn(fqdn)
    if name == node.fqdn:
        return node
    check_name(name)
    renamed = _renamed(node, name)
    if node.role == Node.Role.LEADER:
        _check_found(renamed)
    return _rename(node, renamed, actor=actor)


def _renamed(node: Node, name: str) -> Node:
    """A copy that nothing was saved of."""
    renamed = copy(node)
    renamed.fqdn = name
    renamed.console_url = _replace_host(node.console_url, name)
    host, _, port = node.endpoint.rpartition(":")
    if host == node.fqdn:
        renamed.endpoint = f"{name}:{port}"
    return renamed


def _replace_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))


def _check_found(renamed: Node) -> None:
    asked = _ask(renamed)
    await_answers(asked, patience=PATIENCE)
    failures = _find_failures(renamed, asked)
    if failures:
        raise EndpointNotReachable(field="fqdn", failures=" ".join(failures))


@transaction.atomic
def _ask(renamed: Node) -> dict[int, Node]:
    """Every worker that is heard, by the number of the question to it."""
    workers = Node.objects.filter(state=Node.State.ACTIVE).exclude(pk=renamed.pk)
    question = {"hosts": [{"node_id": renamed.pk, "url": renamed.console_url}]}
    return {
        send_probe(worker, arguments=question).pk: worker
        for worker in workers.select_related("contact")
        if worker.status == Node.Status.ONLINE
    }


def _find_failures(renamed: Node, asked: dict[int, Node]) -> list[str]:
    failures, seen = [], {}
    for command in Command.objects.filter(pk__in=asked):
        worker = asked[command.pk]
        sight = _read(command)
        if isinstance(sight, str):
            failures.append(f"node{worker.pk} ({worker.fqdn}) could not look: {sight}.")
        else:
            seen[worker.pk] = sight
    workers = [worker for worker in asked.values() if worker.pk in seen]
    return failures + _find_misses(renamed, workers, seen)


def _find_misses(renamed: Node, workers: Sequence[Node], seen: dict[int, Sight]) -> list[str]:
    checks = [check for worker in workers for check in check_reach(worker, renamed, seen=seen)]
    return [check.detail for check in checks if not check.ok]


def _read(command: Command) -> Sight | str:
    if command.acknowledged_at is None:
        return "it did not answer in time"
    return read_sight(command)


@transaction.atomic
def _rename(node: Node, renamed: Node, *, actor: Actor) -> Node:
    lock_cluster()
    check_name(renamed.fqdn)
    names = ("fqdn", "console_url", "endpoint")
    changes = {
        name: {"from": getattr(node, name), "to": getattr(renamed, name)}
        for name in names
        if getattr(node, name) != getattr(renamed, name)
    }
    active = Node.objects.filter(pk=node.pk, state=Node.State.ACTIVE)
    if not active.update(**{name: getattr(renamed, name) for name in changes}):
        raise NodeStateConflict(node=node, state=node.state, target="renamed")
    state.bump()
    record(AuditAction.NODE_FQDN_CHANGED, actor=actor, target=node.audit_target, details=changes)
    node.refresh_from_db()
    return node
