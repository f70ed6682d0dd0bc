"""All domains that the cluster knows of: those that were made here, and those that nodes show."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cluster.domains.recipe import url_of
from cluster.models import Domain
from nodes.errors import DomainNotFound
from nodes.models import Application, ApplicationQuerySet

FOUND = "found"
"""Nodes run replicas of it, and nobody has created it here."""


@dataclass(frozen=True, slots=True)
class Row:
    """One domain, and the replicas that its nodes report."""

    name: str
    replicas: list[Application] = field(default_factory=list)
    domain: Domain | None = None

    @property
    def kind(self) -> str:
        return self.domain.kind if self.domain else FOUND

    @property
    def providers(self) -> int:
        return len(self.replicas)

    @property
    def nodes(self) -> list[int]:
        return sorted({replica.node_id for replica in self.replicas})

    @property
    def urls(self) -> list[str]:
        """Where applications find it."""
        if self.domain is None:
            return []
        own = [url_of(self.domain, replica.node) for replica in self.replicas if replica.managed]
        return own if self.domain.is_provided else list(self.domain.urls)

    @property
    def base_dn(self) -> str:
        return self.domain.base_dn if self.domain else ""

    @property
    def bind_dn(self) -> str:
        return self.domain.bind_dn if self.domain else ""

    @property
    def verify_tls(self) -> bool:
        return self.domain.verify_tls if self.domain else True

    @property
    def start_tls(self) -> bool:
        return bool(self.domain and self.domain.start_tls)

    @property
    def ca(self) -> str:
        return self.domain.ca if self.domain else ""


def list_rows() -> list[Row]:
    """By name."""
    return _join(Domain.objects.all(), find_providers())


def find_row(name: str) -> Row:
    """Raises DomainNotFound."""
    name = name.lower()
    rows = _join(Domain.objects.filter(name=name), find_providers().filter(domain=name))
    if not rows:
        raise DomainNotFound(domain=name[:253])
    return rows[0]


def find_providers() -> ApplicationQuerySet:
    """Replicas of any domain, on nodes that stay."""
    listed = Application.objects.listed().providers().exclude(domain="")
    return listed.select_related("node__contact").order_by("node_id", "pk")


def _join(domains: Iterable[Domain], replicas: Iterable[Application]) -> list[Row]:
    rows = {domain.name: Row(domain.name, domain=domain) for domain in domains}
    for replica in replicas:
        rows.setdefault(replica.domain, Row(replica.domain)).replicas.append(replica)
    return [rows[name] for name in sorted(rows)]
