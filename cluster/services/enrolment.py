"""Enrolment, on the leader: a machine that knows a join code's secret becomes a joining node."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import Outcome
from audit.services import record
from cluster import join_warnings, state
from cluster.errors import NotLeader
from cluster.errors.joining import ClusterAuthError
from cluster.errors.operations import OperationInProgress
from cluster.join_warnings import JoinWarning
from cluster.models import Cluster, JoinCode, Operation
from cluster.networks import lowest_free_address
from cluster.services import admission
from cluster.services.join_codes import knows_secret
from cluster.services.operations import open_operation
from cluster.services.queries import get_leader, lock_cluster, require_cluster
from config.errors import DomainError
from nodes.agent import tokens
from nodes.agent.errors import TokenInvalid
from nodes.models import Contact, Node


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """What a new machine sends; its shape was checked, its claims were not."""

    code_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    fqdn: str
    identity_key: str
    wireguard_key: str
    sealing_key: str
    endpoint: str
    console_url: str
    tls_fingerprint: str
    version: str
    distribution: str
    networks: tuple[str, ...]
    tls_verified: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The answer: the same each time that the same machine asks with the same code."""

    node: Node
    leader: Node
    operation: Operation
    warnings: tuple[JoinWarning, ...]
    is_new: bool


def enrol(request: EnrolmentRequest, *, actor: Actor) -> Enrolment:
    """Reserve an id and an address for a machine, or find those that it got before.

    To one that does not know the secret the answer is always the same ``ClusterAuthError``; to one
    that does, it says why not: the errors of ``admission``, ``OperationInProgress``.
    """
    cluster = require_cluster()
    join_code = JoinCode.objects.filter(pk=request.code_id).first()
    if not knows_secret(join_code, request.secret) or join_code is None:
        raise ClusterAuthError
    try:
        issued_at = _verify_token(request, cluster)
        return _admit(request, join_code, issued_at=issued_at, actor=actor)
    except OperationInProgress:
        raise  # it will ask again in a second; that is no refusal
    except DomainError as refusal:
        _record_refusal(refusal, request, join_code, actor=actor)
        raise


def sign_enrolment() -> str:
    """The signed state that lists the new node, for the answer to it.

    Raises ``AgentUnavailable`` when it cannot be signed now: the machine asks again, and gets the
    same node.
    """
    signed = state.publish()
    if signed is None:
        raise NotLeader(where="")
    return signed.jws


def _verify_token(request: EnrolmentRequest, cluster: Cluster) -> int:
    """Check that the machine holds its identity key; returns when it says that it is now.

    The token's age is not judged: the machine's clock may be wrong, which a warning says. A token
    that somebody else has recorded gains them nothing without the secret, and with it only a node
    whose key they do not hold.
    """
    try:
        issued_at = tokens.read_unverified(request.token).issued_at
        tokens.verify(
            request.token, key=request.identity_key, audience=str(cluster.uuid), now=issued_at
        )
    except TokenInvalid:
        raise ClusterAuthError from None
    return issued_at


@transaction.atomic
def _admit(
    request: EnrolmentRequest, join_code: JoinCode, *, issued_at: int, actor: Actor
) -> Enrolment:
    cluster = lock_cluster()
    join_code.refresh_from_db()
    warnings = tuple(_find_warnings(request, issued_at=issued_at))
    node = admission.find_admitted(join_code, key=request.identity_key)
    if node is not None:
        operation = Operation.objects.filter(kind=Operation.Kind.JOIN, node=node).latest(
            "created_at"
        )
        return Enrolment(node, get_leader(), operation, warnings, is_new=False)
    admission.claim_code(join_code, key=request.identity_key)
    admission.check_version(request.version)
    admission.check_networks(cluster, request.networks)
    operation = open_operation(Operation.Kind.JOIN, actor=actor, parameters={})
    _check_membership(request, cluster)
    node = _reserve(request, cluster)
    _bind(operation, node, join_code, warnings)
    _record_start(operation, node, join_code, actor=actor)
    return Enrolment(node, get_leader(), operation, warnings, is_new=True)


def _check_membership(request: EnrolmentRequest, cluster: Cluster) -> None:
    """After the operation is open, so that a join that may yet fail makes nobody a refusal."""
    admission.check_room(cluster)
    admission.check_keys(
        identity_key=request.identity_key,
        wireguard_key=request.wireguard_key,
        sealing_key=request.sealing_key,
    )
    admission.check_name(request.fqdn)


def _find_warnings(request: EnrolmentRequest, *, issued_at: int) -> list[JoinWarning]:
    leader = get_leader()
    return [
        *join_warnings.of_clocks(leader=timezone.now().timestamp(), node=issued_at),
        *join_warnings.of_distributions(leader=leader.distribution, node=request.distribution),
        *join_warnings.of_validation(tls_verified=request.tls_verified),
    ]


def _reserve(request: EnrolmentRequest, cluster: Cluster) -> Node:
    """Allocate an id, which is never given again, and the lowest free address."""
    network = IPv4Network(cluster.vpn_network)
    taken = Node.objects.members().values_list("vpn_address", flat=True)
    node = Node.objects.create(
        id=cluster.next_node_id,
        fqdn=request.fqdn,
        vpn_address=lowest_free_address(network, taken=[str(address) for address in taken]),
        endpoint=request.endpoint,
        console_url=request.console_url,
        identity_key=request.identity_key,
        wireguard_key=request.wireguard_key,
        sealing_key=request.sealing_key,
        tls_fingerprint=request.tls_fingerprint,
        version=request.version,
        distribution=request.distribution,
    )
    Contact.objects.create(node=node)
    Cluster.objects.filter(pk=cluster.pk).update(next_node_id=cluster.next_node_id + 1)
    return node


def _bind(
    operation: Operation, node: Node, join_code: JoinCode, warnings: tuple[JoinWarning, ...]
) -> None:
    """Tie the operation, the node and the code to each other and to a new generation."""
    operation.node = node
    operation.parameters = {
        "node_id": node.pk,
        "identity_key": node.identity_key,
        "fqdn": node.fqdn,
        "vpn_address": node.vpn_address,
        "join_code": str(join_code.pk),
        "generation": state.bump(),
        "warnings": [warning.as_json() for warning in warnings],
    }
    operation.save(update_fields=["node", "parameters"])
    JoinCode.objects.filter(pk=join_code.pk).update(node=node)


def _record_start(operation: Operation, node: Node, join_code: JoinCode, *, actor: Actor) -> None:
    warnings = operation.parameters["warnings"]
    details = {
        "join_code": str(join_code.pk),
        "join_code_by": join_code.created_by,
        "vpn_address": node.vpn_address,
        "warnings": warnings,
    }
    actions = [AuditAction.NODE_JOIN_STARTED]
    if any(warning["code"] == "tls_not_verified" for warning in warnings):
        actions.append(AuditAction.TLS_VALIDATION_DISABLED)
    for action in actions:
        target, pk = node.audit_target, operation.pk
        record(action, actor=actor, target=target, operation=pk, details=details)


def _record_refusal(
    refusal: DomainError, request: EnrolmentRequest, join_code: JoinCode, *, actor: Actor
) -> None:
    record(
        AuditAction.JOIN_CODE_REFUSED,
        actor=actor,
        target=join_code.audit_target,
        outcome=Outcome.DENIED,
        details={"code": refusal.code, "detail": refusal.detail, "fqdn": request.fqdn},
    )
