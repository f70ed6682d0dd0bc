"""Where a syslog receiver is, and how to know it."""

import re
import ssl
from dataclasses import dataclass
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from audit.forwarding.errors import CertificateUnreadable, PlaceUnknown
from audit.models import Forwarding

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Receiver:
    """One that takes RFC 5424 over TCP, or over TLS (RFC 5425).

    ``certificate`` (PEM) is its own or its authority's; without it this machine's authorities
    decide.
    """

    host: str
    port: int
    tls: bool = True
    certificate: str = ""

    @classmethod
    def of(cls, row: Forwarding) -> "Receiver":
        return cls(host=row.host, port=row.port, tls=row.tls, certificate=row.certificate)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def check(self) -> None:
        """Raises ``PlaceUnknown``, ``CertificateUnreadable``."""
        if not HOST_NAME.fullmatch(self.host) and not _is_address(self.host):
            raise PlaceUnknown(field="host")
        if self.certificate:
            self.trust()

    def trust(self) -> ssl.SSLContext:
        """TLS 1.2 or later, with somebody who is who the name says; raises the latter.

        A certificate that was pasted is enough by itself, whoever has signed it.
        """
        _refuse_what_is_none(self.certificate)
        try:
            context = ssl.create_default_context(cadata=self.certificate or None)
        except (ssl.SSLError, ValueError):
            raise CertificateUnreadable(field="certificate") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    def describe(self) -> dict[str, object]:
        """For the trail."""
        return {
            "host": self.host,
            "port": self.port,
            "tls": self.tls,
            "certificate_fingerprints": fingerprints(self.certificate),
        }


def fingerprints(pem: str) -> list[str]:
    """SHA-256 of each certificate, lowercase hex."""
    if not pem:
        return []
    certificates = x509.load_pem_x509_certificates(pem.encode())
    return [each.fingerprint(hashes.SHA256()).hex() for each in certificates]


def _refuse_what_is_none(pem: str) -> None:
    try:
        fingerprints(pem)
    except ValueError:
        raise CertificateUnreadable(field="certificate") from None
    if "PRIVATE KEY" in pem:
        raise CertificateUnreadable(field="certificate")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
