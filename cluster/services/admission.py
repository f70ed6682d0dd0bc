"""The rules by which the leader takes a machine in, while the cluster is locked (S4, S10)."""

from ipaddress import IPv4Network

from django.db.models import Q
from django.utils import timezone

from cluster.errors import ClusterIsFull
from cluster.errors.joining import (
    JoinCodeExpired,
    JoinCodeRevoked,
    JoinCodeUsed,
    PublicKeyKnown,
    VersionMismatch,
)
from cluster.models import Cluster, JoinCode
from cluster.networks import check_overlap
from config.version import VERSION
from nodes.errors import HostnameError, NodeStateConflict
from nodes.models import Node


def claim_code(join_code: JoinCode, *, key: str) -> None:
    """Take the code for the machine with this key, or raise why it cannot have it.

    One guarded UPDATE decides between machines that come at the same time.
    """
    now = timezone.now()
    usable = JoinCode.objects.filter(pk=join_code.pk).usable_by(key, now=now)
    if usable.update(used_by=key, used_at=now):
        return
    join_code.refresh_from_db()
    if join_code.used_by not in ("", key):
        raise JoinCodeUsed
    if join_code.revoked_at is not None:
        raise JoinCodeRevoked
    expires = join_code.expires_at.isoformat(timespec="seconds")
    raise JoinCodeExpired(expires=expires, now=now.isoformat(timespec="seconds"))


def find_admitted(join_code: JoinCode, *, key: str) -> Node | None:
    """The node that this machine became by this code before: a lost reply is no dead code."""
    node = join_code.node
    if join_code.used_by != key or node is None:
        return None
    if node.state not in (Node.State.JOINING, Node.State.ACTIVE):
        raise NodeStateConflict(node=node, state=node.state, target=Node.State.ACTIVE)
    return node


def check_version(version: str) -> None:
    """Major and minor must be equal: states and calls are of that version."""
    if _minor_of(version) != _minor_of(VERSION):
        raise VersionMismatch(leader=VERSION, node=version)


def _minor_of(version: str) -> list[str]:
    return version.split(".")[:2]


def check_room(cluster: Cluster) -> None:
    """Before anything is allocated (S4)."""
    count = Node.objects.members().count()
    if count >= cluster.max_nodes:
        raise ClusterIsFull(count=count, max_nodes=cluster.max_nodes)


def check_networks(cluster: Cluster, networks: tuple[str, ...]) -> None:
    """The VPN must not hide what the machine reaches directly."""
    network = IPv4Network(cluster.vpn_network)
    check_overlap(network, networks, owner="the new machine", field=None)


def check_name(fqdn: str) -> None:
    """No duplicate, and not the leader's (S10)."""
    other = Node.objects.members().filter(fqdn=fqdn).first()
    if other is not None:
        reason = f"The name {fqdn} is taken by {other}."
        raise HostnameError(field="fqdn", reason=reason)


def check_keys(*, identity_key: str, wireguard_key: str, sealing_key: str) -> None:
    """A machine that is a member already does not become a second one."""
    same = (
        Q(identity_key=identity_key) | Q(wireguard_key=wireguard_key) | Q(sealing_key=sealing_key)
    )
    other = Node.objects.members().filter(same).first()
    if other is not None:
        raise PublicKeyKnown(node=other)
