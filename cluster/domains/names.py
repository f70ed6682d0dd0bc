"""Names and addresses of domains: what is accepted, and what follows from them."""

import hashlib
import re
import ssl
from collections.abc import Collection, Sequence
from itertools import count
from urllib.parse import urlsplit

from cluster.errors.domains import DomainInvalid
from nodes.agent.checks import HOST
from nodes.agent.directory import LONGEST_AUTHORITY, MOST_URLS, PORTS

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME = re.compile(rf"(?=.{{3,200}}\Z)(?:{LABEL}\.)+{LABEL}", re.ASCII)
DN = re.compile(r"[A-Za-z][A-Za-z0-9-]*=[^=,]+(?:,\s*[A-Za-z][A-Za-z0-9-]*=[^=,]+)*")
FIRST_PORT, NEXT_PORT = 389, 3389
LONGEST = 40
LONGEST_DN = 255


def check_name(name: str) -> str:
    """In small letters; raises DomainInvalid."""
    lowered = name.strip().rstrip(".").lower()
    if not NAME.fullmatch(lowered):
        raise _invalid("name", "A domain is a name such as example.org, at most 200 characters")
    return lowered


def check_dn(value: str, *, field: str) -> str:
    """Raises DomainInvalid."""
    name = value.strip()
    if len(name) > LONGEST_DN or not name.isprintable() or not DN.fullmatch(name):
        raise _invalid(field, "This is a name such as dc=example,dc=org, at most 255 characters")
    return name


def check_urls(values: Sequence[str]) -> list[str]:
    """Where directories are; raises DomainInvalid."""
    urls = [value.strip() for value in values if value.strip()]
    if not 1 <= len(urls) <= MOST_URLS or not all(map(_is_url, urls)):
        problem = f"Give 1 to {MOST_URLS} addresses such as ldaps://ldap.example.org"
        raise _invalid("urls", problem)
    return urls


def check_authority(value: str) -> str:
    """Certificates that OpenSSL reads; raises DomainInvalid."""
    text = value.strip()
    problem = "These are no certificates, each from BEGIN CERTIFICATE to END CERTIFICATE"
    if not text:
        return ""
    if len(text) > LONGEST_AUTHORITY or not text.isascii() or "PRIVATE KEY" in text:
        raise _invalid("ca", problem)
    try:
        ssl.create_default_context(cadata=text)
    except ssl.SSLError:
        raise _invalid("ca", problem) from None
    return f"{text}\n"


def base_dn_of(name: str) -> str:
    """RFC 2247."""
    return ",".join(f"dc={label}" for label in name.split("."))


def admin_dn_of(base_dn: str) -> str:
    """Who may do everything in a domain that is provided here."""
    return f"cn=admin,{base_dn}"


def application_of(domain: str) -> str:
    """What the provider is called as an application; two domains never share a name."""
    plain = f"ldap-{domain.replace('.', '-')}"
    if len(plain) <= LONGEST and "-" not in domain:
        return plain
    digest = hashlib.sha256(domain.encode()).hexdigest()[:8]
    return f"{plain[: LONGEST - 9].rstrip('-')}-{digest}"


def free_port(taken: Collection[int]) -> int:
    """The usual one for the first domain."""
    if FIRST_PORT not in taken:
        return FIRST_PORT
    return next(port for port in count(NEXT_PORT) if port not in taken)


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
    known = parts.scheme in PORTS and HOST.fullmatch(parts.hostname or "")
    return bool(known) and port != 0 and bare == value.lower().rstrip("/")


def _invalid(field: str, problem: str) -> DomainInvalid:
    return DomainInvalid(field=field, problem=problem)
