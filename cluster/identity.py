"""What this machine says of itself: where its console is, and by which certificate to know it."""

import ipaddress
import socket

import psutil  # type: ignore[import-untyped]  # no stubs
from django.conf import settings

from config.certificates import fingerprint

MOST_URLS = 4


def console_url(fqdn: str) -> str:
    """Where browsers and other nodes reach this machine by that name."""
    return _url(fqdn)


def console_urls(*, first: str) -> tuple[str, ...]:
    """``first``, and this machine's addresses for those who cannot resolve its name yet."""
    urls = [first, *(_url(address) for address in own_addresses())]
    return tuple(dict.fromkeys(urls))[:MOST_URLS]


def tls_fingerprint() -> str:
    """SHA-256 of the certificate that this machine shows."""
    return fingerprint(settings.FLOTILLA.TLS_CERT_PATH)


def endpoint(fqdn: str) -> str:
    """Where others reach this machine's VPN, unless somebody says otherwise."""
    return f"{fqdn}:{settings.FLOTILLA.VPN_PORT}"


def own_addresses() -> list[str]:
    """The IPv4 addresses at which the console listens, without loopback and the VPN's own."""
    host, _ = _listen()
    if not ipaddress.ip_address(host).is_unspecified:
        return [host]
    return [
        entry.address
        for interface, entries in sorted(psutil.net_if_addrs().items())
        for entry in entries
        if interface != settings.FLOTILLA.VPN_INTERFACE
        and entry.family == socket.AF_INET
        and _is_reachable(entry.address)
    ]


def _is_reachable(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_link_local)


def _listen() -> tuple[str, int]:
    host, _, port = settings.FLOTILLA.LISTEN.rpartition(":")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104  # what gunicorn takes "" for


def _url(host: str) -> str:
    port = _listen()[1]
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"
