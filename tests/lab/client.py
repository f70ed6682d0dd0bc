"""Where the lab's clients are: HTTP requests, browsers and commands in the ``client`` namespace."""

import ctypes
import json
import os
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import urllib3

from tests.lab.machine import Machine
from tests.lab.namespaces import NETNS

CLONE_NEWNET = 0x40000000
ETC_NETNS = Path("/etc/netns")
THREADS = 64


class Unreachable(ConnectionError):
    """No answer came."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its status, its JSON (or None), its text and headers."""

    status: int
    body: Any
    text: str
    headers: Mapping[str, str]


class Client(Machine):
    """The machine of the people and programs that use the cluster."""

    def boot(self) -> None:
        """Also give ``ip netns exec LAB-client`` the lab's names."""
        names = ETC_NETNS / self.namespace
        names.mkdir(parents=True, exist_ok=True)
        (names / "hosts").write_text((self.directory / "hosts").read_text())
        super().boot()

    def wrap(self, program: str) -> Path:
        """A script that runs ``program`` here, for what only takes a path (a browser driver)."""
        script = self.directory / f"in-client-{Path(program).name}"
        command = " ".join(f"'{word}'" for word in self.command([program]))
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(0o755)
        return script


def pool(namespace: str) -> ThreadPoolExecutor:
    """Threads whose sockets are in a network namespace; the process itself stays where it is."""
    return _pool(namespace, inode=(NETNS / namespace).stat().st_ino)


@cache
def _pool(namespace: str, *, inode: int) -> ThreadPoolExecutor:
    """One pool for each namespace that ever had this name."""
    return ThreadPoolExecutor(THREADS, f"in-{inode}", initializer=enter, initargs=(namespace,))


def enter(namespace: str) -> None:
    """Let this thread's sockets be in a network namespace from now on."""
    descriptor = os.open(NETNS / namespace, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace} in {threading.current_thread()}")
    finally:
        os.close(descriptor)


class Tidy(ssl.SSLSocket):
    """Closed when the server is gone before the handshake: Python's own then stays open until it
    is collected (``SSLSocket._create`` looks whether bytes have come, and lets its errors pass).
    """

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        try:
            return super().recv(buflen, flags)
        except ConnectionError:
            self.close()
            raise


def connect(
    *, address: str, fqdn: str, certificate: Path | None, port: int = 8443, timeout: float = 15
) -> urllib3.HTTPSConnectionPool:
    """Connections that are kept; trusts ``certificate`` for ``fqdn`` only (None: anybody)."""
    context = ssl.create_default_context(cafile=str(certificate) if certificate else None)
    context.sslsocket_class = Tidy
    if certificate is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return urllib3.HTTPSConnectionPool(
        address,
        port,
        ssl_context=context,
        server_hostname=fqdn,
        assert_hostname=fqdn if certificate else False,
        timeout=timeout,
        retries=False,
        headers={"Host": f"{fqdn}:{port}", "Accept": "application/json"},
    )


def ask(
    connections: urllib3.HTTPSConnectionPool,
    method: str,
    path: str,
    *,
    payload: object = None,
    token: str | None = None,
) -> Answer:
    """One HTTPS request: with JSON, or with bytes as they are."""
    headers = dict(connections.headers)
    content: dict[str, Any] = {"body" if isinstance(payload, bytes) else "json": payload}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        answer = connections.request(method, path, headers=headers, redirect=False, **content)
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable(f"{method} {headers['Host']}{path}: {error}") from error
    return Answer(answer.status, _parse(answer), answer.data.decode(), dict(answer.headers))


def fetch(
    method: str,
    path: str,
    *,
    payload: object = None,
    token: str | None = None,
    **server: Any,
) -> Answer:
    """One HTTPS request on a connection of its own, to the server that ``connect`` is told."""
    with connect(**server) as connections:
        return ask(connections, method, path, payload=payload, token=token)


def _parse(answer: urllib3.BaseHTTPResponse) -> Any:
    if "json" in answer.headers.get("Content-Type", ""):
        return json.loads(answer.data)
    return None
