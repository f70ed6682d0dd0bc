"""An LDAP server that answers what it is told."""

import socket
import threading
from typing import Any

import pyrage

from nodes.agent import ldap
from nodes.agent.directory import ProbeDirectory
from nodes.agent.ldap import BIND_ANSWER, ENTRY, ENUMERATED, OCTETS, SEARCH_DONE, SEQUENCE, SET

IDENTITY = pyrage.x25519.Identity.generate()
POSITION = "20261122183423.032964Z#000000#001#000000"
ASKED = {"base": "dc=example,dc=org", "bind_dn": "", "sealed": "", "verify": True}


def message(number: int, tag: int, content: bytes) -> bytes:
    return ldap.encode(SEQUENCE, bytes([2, 1, number]) + ldap.encode(tag, content))


def result(code: int) -> bytes:
    return ldap.encode(ENUMERATED, bytes([code])) + ldap.encode(OCTETS, b"") * 2


def entry(*values: str) -> bytes:
    listed = b"".join(ldap.encode(OCTETS, value.encode()) for value in values)
    attribute = ldap.encode(OCTETS, b"contextCSN") + ldap.encode(SET, listed)
    found = ldap.encode(SEQUENCE, ldap.encode(SEQUENCE, attribute)) if values else b"\x30\0"
    return ldap.encode(OCTETS, b"dc=example,dc=org") + found


BOUND = message(1, BIND_ANSWER, result(0))
DONE = message(2, SEARCH_DONE, result(0))
FOUND = message(2, ENTRY, entry(POSITION, POSITION * 3)) + DONE


class Server(threading.Thread):
    """Answers each request of one caller with the next of its answers, and then hangs up."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answers = answers
        self.heard = b""
        self.url = f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for answer in self._answers:
                self.heard += connection.recv(4096)
                connection.sendall(answer)

    def close(self) -> None:
        self._listener.close()
        self.join(5)


def look(url: str, **changes: Any) -> dict[str, Any]:
    probe = ProbeDirectory(opens=lambda: str(IDENTITY))
    (found,) = probe({"urls": [url], **ASKED, **changes})["directories"]
    return dict(found)
