"""Joining somebody's cluster, asked for on the machine that joins."""

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.services import record
from cluster import codes
from cluster.codes import JoinCodeText
from cluster.errors import ClusterAlreadySet
from cluster.errors.joining import JoinCodeExpired
from cluster.models import Operation
from cluster.services.operations import open_operation
from nodes import role
from nodes.names import parse_fqdn


def request_join(
    *, actor: Actor, code: str, fqdn: str | None = None, tls_verify: bool = True
) -> Operation:
    """Accept a join code; whether the leader takes it shows in the operation (S12, S13).

    Raises the errors of ``codes.decode``, ``JoinCodeExpired``, ``HostnameError``,
    ``ClusterAlreadySet``, ``OperationInProgress``.
    """
    present = role.current()
    if present.role != role.Role.UNINITIALISED:
        raise ClusterAlreadySet(cluster=present.cluster)
    opened = codes.decode(code)
    _check_time(opened)
    name = parse_fqdn(fqdn or present.fqdn)
    return _open(opened, actor=actor, fqdn=name, tls_verify=tls_verify)


def _check_time(code: JoinCodeText) -> None:
    """By this machine's clock, so that the answer comes at once; the leader has the last word."""
    now = timezone.now()
    if code.expires <= now:
        raise JoinCodeExpired(
            field=codes.FIELD,
            expires=code.expires.isoformat(timespec="seconds"),
            now=now.isoformat(timespec="seconds"),
        )


@transaction.atomic
def _open(code: JoinCodeText, *, actor: Actor, fqdn: str, tls_verify: bool) -> Operation:
    parameters = {
        "cluster": code.cluster,
        "urls": list(code.urls),
        "tls_fingerprint": code.tls_fingerprint,
        "join_code": code.id,
        "fqdn": fqdn,
        "tls_verify": tls_verify,
    }
    operation = open_operation(
        Operation.Kind.ENROL, actor=actor, parameters=parameters, secret={"secret": code.secret}
    )
    target = Target(kind="cluster", id=code.cluster, label=code.urls[0])
    details = {"fqdn": fqdn, "urls": list(code.urls), "join_code": code.id}
    actions = [AuditAction.CLUSTER_JOIN_REQUESTED]
    if not tls_verify:
        actions.append(AuditAction.TLS_VALIDATION_DISABLED)
    for action in actions:
        record(action, actor=actor, target=target, operation=operation.pk, details=details)
    return operation
