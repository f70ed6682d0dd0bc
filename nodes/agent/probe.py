"""The command ``probe``: what this node sees of other hosts, for the leader's checks."""

import hashlib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from nodes.agent import checks
from nodes.agent.machine import VpnStatus

SECONDS = 3.0
MOST_HOSTS = 64


class Probe:
    """For each host: its addresses, the certificate that answers there, and the age of the VPN's
    handshake.
    """

    def __init__(self, vpn: Callable[[], VpnStatus]) -> None:
        self._vpn = vpn

    def __call__(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        hosts = checks.member(arguments, "hosts")
        if not isinstance(hosts, list) or len(hosts) > MOST_HOSTS:
            raise ValueError(f"hosts is not a list of at most {MOST_HOSTS}")
        return {"hosts": [self._probe(host) for host in hosts]}

    def _probe(self, host: Mapping[str, Any]) -> dict[str, Any]:
        node_id, url = checks.number(host, "node_id"), checks.https_url(host, "url")
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port or 443
        answer = {"node_id": node_id, "url": url, "handshake_age": self._handshake_age(node_id)}
        try:
            addresses = resolve(name)
            fingerprint = read_fingerprint(name, port)
        except OSError as error:
            return answer | {"ok": False, "detail": str(error)}
        return answer | {"ok": True, "addresses": addresses, "tls_fingerprint": fingerprint}

    def _handshake_age(self, node_id: int) -> int | None:
        """Seconds since the last handshake with that node, or None where there was none."""
        for peer in self._vpn()["peers"]:
            if peer["node_id"] == node_id and peer["last_handshake"]:
                return max(0, round(time.time() - peer["last_handshake"]))
        return None


def resolve(name: str) -> list[str]:
    """The addresses of a name; raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return sorted({str(entry[4][0]) for entry in found})


def read_fingerprint(host: str, port: int) -> str:
    """SHA-256 of the certificate that answers; raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        certificate = connection.getpeercert(binary_form=True) or b""
    return hashlib.sha256(certificate).hexdigest()
