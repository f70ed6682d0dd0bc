"""The self-signed certificate of a node: join codes and states carry its fingerprint (S13)."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.files import write_private

LIFETIME = dt.timedelta(days=3650)
"""Nobody renews it by hand, and its trust comes from the fingerprint."""


def make_self_signed(*, fqdn: str, certificate: Path, key: Path) -> None:
    """Write a new P-256 key (0600) and a certificate for ``fqdn``."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, fqdn[:64])])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(_names(fqdn)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    write_private(
        key,
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))


def fingerprint(certificate: Path) -> str:
    """SHA-256 of the first certificate in the file (DER), lowercase hex."""
    leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    return leaf.fingerprint(hashes.SHA256()).hex()


def _names(fqdn: str) -> list[x509.GeneralName]:
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return [x509.DNSName(fqdn), x509.DNSName("localhost"), loopback]
