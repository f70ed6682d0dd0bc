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
THREADS = 48


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
    return ThreadPoolExecutor(THREADS, f"in-{inode}", initializer=_enter, initargs=(namespace,))


def _enter(namespace: str) -> None:
    descriptor = os.open(NETNS / namespace, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace} in {threading.current_thread()}")
    finally:
        os.close(descriptor)


def fetch(
    method: str,
    path: str,
    *,
    address: str,
    fqdn: str,
    certificate: Path | None,
    port: int = 8443,
    payload: object = None,
    token: str | None = None,
    timeout: float = 15,
) -> Answer:
    """One HTTPS request; trusts ``certificate`` for ``fqdn`` only (None: trusts anybody)."""
    context = ssl.create_default_context(cafile=str(certificate) if certificate else None)
    if certificate is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    headers = {"Host": f"{fqdn}:{port}", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with urllib3.HTTPSConnectionPool(
        address,
        port,
        ssl_context=context,
        server_hostname=fqdn,
        assert_hostname=fqdn if certificate else False,
        timeout=timeout,
        retries=False,
    ) as connections:
        try:
            answer = connections.request(method, path, json=payload, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{method} https://{fqdn}:{port}{path}: {error}") from error
    return Answer(answer.status, _parse(answer), answer.data.decode(), dict(answer.headers))


def _parse(answer: urllib3.BaseHTTPResponse) -> Any:
    if "json" in answer.headers.get("Content-Type", ""):
        return json.loads(answer.data)
    return None
