"""What a provider is made of: an application like others, with the list of its peers."""

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.domains.names import application_of
from cluster.models import Domain
from nodes.agent.applications.definition import Definition
from nodes.models import Application, Node

IMAGE = "localhost/flotilla-openldap:1"
ARCHIVE = "openldap.tar"
PASSWORD = "LDAP_PASSWORD"  # noqa: S105 - the variable's name
PASSWORD_NUMBER = "LDAP_PASSWORD_NUMBER"  # noqa: S105 - likewise
"""Nobody reads it there: it tells which password a provider was given last."""
MEMORY = 512
HEALTHY_SECONDS = 60


def definition(domain: Domain, node: Node, *, peers: Iterable[Node]) -> Definition:
    """Of a new provider: raises ApplicationError only for a domain that was never checked."""
    return Definition.parse(
        {
            "name": application_of(domain.name),
            "image": IMAGE,
            "archive": ARCHIVE,
            "environment": environment(domain, node, peers=peers),
            "secrets": [PASSWORD],
            "ports": [{"container": domain.port, "host": domain.port, "bind": "vpn"}],
            "volumes": [{"name": "data", "path": "/var/lib/ldap"}],
            "health": {"kind": "tcp", "port": domain.port, "seconds": HEALTHY_SECONDS},
            "memory": MEMORY,
            "role": Application.Role.ACCOUNT_PROVIDER.value,
            "domain": domain.name,
        }
    )


def with_peers(
    present: Mapping[str, Any], domain: Domain, node: Node, *, peers: Iterable[Node]
) -> Definition:
    """The same provider with other peers; its image is on the node already."""
    changed = environment(domain, node, peers=peers)
    return Definition.parse({**present, "archive": "", "environment": changed})


def environment(domain: Domain, node: Node, *, peers: Iterable[Node]) -> dict[str, str]:
    """What ``provide`` in the image reads."""
    number = domain.password_number
    changed = {PASSWORD_NUMBER: str(number)} if number else {}
    others = sorted((peer for peer in peers if peer.pk != node.pk), key=lambda peer: peer.pk)
    return {
        "LDAP_DOMAIN": domain.name,
        "LDAP_BASE_DN": domain.base_dn,
        "LDAP_PORT": str(domain.port),
        "LDAP_SERVER_ID": str(node.pk),
        "LDAP_PEERS": " ".join(f"{peer.pk}={url_of(domain, peer)}" for peer in others),
        **changed,
    }


def url_of(domain: Domain, node: Node) -> str:
    """Where a provider is reached in the VPN."""
    return f"ldap://{node.vpn_address}:{domain.port}"
