"""Where a browser is, as far as passkeys go: under which name it opened this console."""

import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port

from accounts.errors import PasskeysNeedName
from accounts.models import AccessPolicy
from accounts.models.passkey import digest_of
from accounts.webauthn.names import names

MARK = "passkey_mark"
"""Session key: random text that binds challenges to the session that they were made for."""


@dataclass(frozen=True, slots=True)
class Console:
    """The name that a browser went to, and the session that it came with."""

    host: str
    origin: str
    session: MutableMapping[str, Any] = field(repr=False)

    @property
    def problem(self) -> PasskeysNeedName | None:
        """Why no passkey can be used here, if so: they are bound to names, and to this node's."""
        own = names().own
        if self.host == own.lower() and not _is_address(self.host):
            return None
        return PasskeysNeedName(host=self.host, name=own)

    @property
    def rp_id(self) -> str:
        """What a new passkey is bound to: the domain of all consoles, or else this one's name."""
        domain = AccessPolicy.objects.values_list("passkey_domain", flat=True).first()
        return domain if domain and self.takes(domain) else self.host

    def takes(self, rp_id: str) -> bool:
        """Whether a passkey that is bound to ``rp_id`` works here (W3C WebAuthn, 5.1.2)."""
        return belongs_to(self.host, rp_id)

    @property
    def mark(self) -> str:
        """What is stored of the session's mark; the session is given one if it has none."""
        return digest_of(self.session.setdefault(MARK, secrets.token_urlsafe(32)))


def console_of(request: HttpRequest) -> Console:
    """Where ``request`` came to; which port matters to the origin alone."""
    host, _ = split_domain_port(request.get_host())
    return Console(host=host, origin=f"https://{request.get_host()}", session=request.session)


def belongs_to(host: str, domain: str) -> bool:
    """Whether ``host`` is ``domain``, or a name below it."""
    return host == domain or host.endswith(f".{domain}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
