"""The domain that passkeys are bound to, so that they work at whichever node leads."""

import re

from accounts.errors import PasskeyDomainMalformed, PasskeyDomainUnfit
from accounts.webauthn.console import belongs_to
from accounts.webauthn.names import names

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*\.(?=[a-z0-9-]*[a-z]){LABEL}")
"""At least two labels (RFC 1035), of which the last is no number: that would be an address."""
LONGEST = 253
FIELD = "passkey_domain"


def fit_domain(text: str) -> str:
    """The domain as it is stored, or nothing for none.

    Whether it belongs to many, as co.uk does, the browser knows, and refuses it. Raises
    ``PasskeyDomainMalformed`` or ``PasskeyDomainUnfit``.
    """
    domain = text.strip().lower().strip(".")
    if not domain:
        return ""
    if len(domain) > LONGEST or not DOMAIN.fullmatch(domain):
        raise PasskeyDomainMalformed(field=FIELD, domain=text)
    for fqdn in sorted(names().every):
        if not belongs_to(fqdn.lower(), domain):
            raise PasskeyDomainUnfit(field=FIELD, domain=domain, fqdn=fqdn)
    return domain
