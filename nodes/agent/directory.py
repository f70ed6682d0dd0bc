"""The command ``probe_directory``: whether directories answer this node, and how far they are."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from nodes.agent import checks, ldap, reach, sealing

SECONDS = 2.0
"""For everything at once: whoever asks at the same time waits for it."""
STEP_SECONDS = 1.5
MOST_URLS = 5
PORTS = {"ldap": 389, "ldaps": 636}
POSITION = "contextCSN"
MOST_VALUES = 300
LONGEST_AUTHORITY = 64 * 1024
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every directory of one question is asked."""

    base: str
    bind_dn: str
    password: str
    is_verified: bool
    starts_tls: bool = False
    """Where the address begins with ``ldap``."""
    authority: str = ""
    """Certificates (PEM) that are trusted instead of those that the node trusts."""

    def context(self) -> ssl.SSLContext:
        """Raises SSLError where the authority is none."""
        if not self.is_verified:
            return reach.make_context()
        context = ssl.create_default_context(cadata=self.authority or None)
        if self.authority:  # a directory's own certificate is enough by itself
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context


class ProbeDirectory:
    """For each of ``urls``: whether it is reached, accepts the bind and has the base entry; with
    the changes that it has seen, if it says so.
    """

    def __init__(self, *, opens: Callable[[], str]) -> None:
        self._opens = opens

    def __call__(self, arguments: Mapping[str, Any]) -> Json:
        wanted = Wanted(
            base=checks.text(arguments, "base", longest=255),
            bind_dn=checks.text(arguments, "bind_dn", longest=255),
            password=self._password(arguments),
            is_verified=checks.boolean(arguments, "verify"),
            starts_tls=checks.boolean({"start_tls": False, **arguments}, "start_tls"),
            authority=_authority(arguments),
        )
        looks = [_Look(url, wanted) for url in _urls(arguments)]
        for look in looks:
            look.start()
        for look in looks:
            look.join(SECONDS)
        return {"directories": [dict(look.seen) for look in looks]}

    def _password(self, arguments: Mapping[str, Any]) -> str:
        sealed = checks.text(arguments, "sealed", longest=20_000)
        if not sealed:
            return ""
        opened = json.loads(sealing.open_sealed(sealed, identity=self._opens()))
        return checks.text(opened, "password", longest=1024)


class _Look(threading.Thread):
    """One directory, and what was seen of it so far."""

    def __init__(self, url: str, wanted: Wanted) -> None:
        super().__init__(name="directory", daemon=True)
        self._parts, self._wanted = urlsplit(url), wanted
        self.seen: Json = {"url": url, "ok": False, "failed": "name", "detail": reach.SILENT}

    def run(self) -> None:
        try:
            addresses = reach.resolve(self._parts.hostname or "")
            self.seen |= {"failed": "connect"}
            with self._connect(addresses) as connection:
                self._ask(connection)
        except ldap.DirectoryRefused as error:
            self.seen |= {"detail": str(error)}
        except reach.PROBLEMS as error:
            self.seen |= {"detail": reach.describe(error)}

    def _ask(self, connection: socket.socket) -> None:
        wanted = self._wanted
        self.seen |= {"failed": "bind"}
        ldap.bind(connection, name=wanted.bind_dn, password=wanted.password)
        self.seen |= {"failed": "base"}
        values = ldap.read_entry(connection, name=wanted.base, attribute=POSITION)
        positions = [value for value in values[:MOST_VALUES] if len(value) <= 64]
        self.seen |= {"ok": True, "failed": "", "detail": "", "positions": positions}

    def _connect(self, addresses: list[str]) -> socket.socket:
        scheme = self._parts.scheme
        address = (addresses[0], self._parts.port or PORTS[scheme])
        plain = socket.create_connection(address, timeout=STEP_SECONDS)
        if scheme == "ldap" and not self._wanted.starts_tls:
            return plain
        with contextlib.ExitStack() as stack:
            stack.callback(plain.close)
            self.seen |= {"failed": "tls"}
            if scheme == "ldap":
                ldap.start_tls(plain)
            name = self._parts.hostname
            secure = self._wanted.context().wrap_socket(plain, server_hostname=name)
            stack.pop_all()
        return secure


def _authority(arguments: Mapping[str, Any]) -> str:
    value = arguments.get("ca") or ""
    if not isinstance(value, str) or len(value) > LONGEST_AUTHORITY or not value.isascii():
        raise ValueError("ca is no certificate")
    return value


def _urls(arguments: Mapping[str, Any]) -> list[str]:
    values = arguments.get("urls")
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_URLS:
        raise ValueError(f"urls is not a list of 1 to {MOST_URLS}")
    return [_url(value) for value in values]


def _url(value: object) -> str:
    parts = urlsplit(value if isinstance(value, str) else "")
    if parts.scheme not in PORTS or not checks.HOST.fullmatch(parts.hostname or ""):
        raise ValueError("a URL begins with ldap:// or ldaps:// and a host")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
