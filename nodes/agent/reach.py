"""Looking at another host: its name, who answers there, and who that says it is. Nothing hangs."""

import hashlib
import http.client
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from nodes.agent.encoding import read_object

NAME_SECONDS = 1.5
CONNECT_SECONDS = 1.8
ANSWER_SECONDS = 1.5
MOST_ADDRESSES = 3
LARGEST_ANSWER = 256 * 1024
PATH = "/agent/v1/leadership"
SILENT = "no answer in time"
PROBLEMS = (OSError, http.client.HTTPException, ValueError)
"""What comes of looking at a host that is not there, or is no node; for ``describe``."""

_lookups = threading.BoundedSemaphore(16)
"""A name server that never answers may hold so many threads, and no more."""


class NameServerSilent(OSError):
    """Nobody knows whether the name exists."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers: the fingerprint of its certificate, and the node that it says it is."""

    tls_fingerprint: str
    node: int | None
    cluster: str


def resolve(name: str) -> list[str]:
    """The addresses of a name; raises OSError, also where the name server does not answer, or
    UnicodeError for what is no name.
    """
    answers: list[list[str]] = []
    problems: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            answers.append(sorted({str(entry[4][0]) for entry in found}))
        except (OSError, UnicodeError) as error:
            problems.append(error)
        finally:
            _lookups.release()

    if not _lookups.acquire(blocking=False):
        raise NameServerSilent
    asking = threading.Thread(target=look_up, name="lookup", daemon=True)
    asking.start()
    asking.join(NAME_SECONDS)
    if problems:
        raise problems[0]
    if not answers:
        raise NameServerSilent
    return answers[0]


def identify(name: str, addresses: Sequence[str], port: int) -> Identity:
    """Ask who is there; raises OSError or HTTPException, or ValueError for what is no answer."""
    with (
        _connect(addresses, port) as plain,
        make_context().wrap_socket(plain, server_hostname=name) as secure,
    ):
        shown = fingerprint_shown(secure)
        said = _ask(secure, name, port)
    node = said.get("node")
    return Identity(
        tls_fingerprint=shown,
        node=node if isinstance(node, int) else None,
        cluster=str(said.get("cluster") or ""),
    )


def make_context() -> ssl.SSLContext:
    """TLS to whoever answers: the fingerprint says more than any authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def fingerprint_shown(secure: ssl.SSLSocket) -> str:
    """SHA-256 of the other end's certificate."""
    return hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()


def describe(error: Exception) -> str:
    """A few words for people."""
    if isinstance(error, NameServerSilent):
        return "the name server does not answer"
    if isinstance(error, TimeoutError):
        return SILENT
    if isinstance(error, socket.gaierror | UnicodeError):
        return "the name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as expected"
    if isinstance(error, OSError):
        return (error.strerror or "connection failed").lower()
    return "it is no Flotilla node"


def _connect(addresses: Sequence[str], port: int) -> socket.socket:
    tried = addresses[:MOST_ADDRESSES]
    problem: OSError = TimeoutError()
    for address in tried:
        try:
            return socket.create_connection((address, port), CONNECT_SECONDS / len(tried))
        except OSError as error:
            problem = error
    raise problem


def _ask(secure: ssl.SSLSocket, name: str, port: int) -> dict[str, object]:
    secure.settimeout(ANSWER_SECONDS)
    connection = http.client.HTTPSConnection(name, port)
    connection.sock = secure
    connection.request("GET", PATH, headers={"Connection": "close"})
    return read_object(connection.getresponse().read(LARGEST_ANSWER))
