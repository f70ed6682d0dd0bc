"""What every leader knows of domains, and how it comes back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cluster.models import Domain
from config.encryption import decrypt, encrypt

PLAIN_FIELDS = ("name", "kind", "port", "urls", "base_dn", "bind_dn", "verify_tls")
LATER_FIELDS = {"start_tls": False, "ca": "", "password_number": 0}
"""What a leader of an earlier release says nothing of."""
Json = Mapping[str, Any]


def export() -> list[dict[str, Any]]:
    """Passwords leave in the clear, because the caller seals the whole."""
    return [_describe(domain) for domain in Domain.objects.all()]


def restore(described: Any) -> None:
    """Replace what this node knew, in the caller's transaction; a leader of an earlier release
    says nothing of it.
    """
    Domain.objects.all().delete()
    Domain.objects.bulk_create(map(_domain, described))


def password_of(domain: Domain) -> str:
    """What this node's key decrypts; empty where there is none."""
    return decrypt(domain.password) if domain.password else ""


def _describe(domain: Domain) -> dict[str, Any]:
    return {
        **{name: getattr(domain, name) for name in (*PLAIN_FIELDS, *LATER_FIELDS)},
        "password": password_of(domain),
        "created_at": domain.created_at.isoformat(),
    }


def _domain(described: Json) -> Domain:
    password = described["password"]
    return Domain(
        **{name: described[name] for name in PLAIN_FIELDS},
        **{name: described.get(name, usual) for name, usual in LATER_FIELDS.items()},
        password=encrypt(password) if password else "",
        created_at=datetime.fromisoformat(described["created_at"]),
    )
