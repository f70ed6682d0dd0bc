"""A leader for one test: real TLS on loopback, and answers that the test lines up."""

import datetime
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = tuple[int, dict[str, Any]]
NOTHING: Answer = (200, {"state": None, "commands": [], "wait": 0, "facts_wanted": False})


class StubLeader(ThreadingHTTPServer):
    """Answers each sync with the next answer, and with nothing new when there is none left."""

    daemon_threads = True

    def __init__(self, directory: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reset()
        self.fingerprint = _install_certificate(self, directory)

    def reset(self) -> None:
        """As before the first call."""
        self.answers: list[Answer | Callable[[dict[str, Any]], Answer]] = []
        self.bodies: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.paths: list[str] = []
        self.leadership: dict[str, Any] = {}
        """What it says of itself to whoever asks."""
        self.clock_ahead = 0.0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_port}"

    def next_answer(self, body: dict[str, Any]) -> Answer:
        answer = self.answers.pop(0) if self.answers else NOTHING
        return answer(body) if callable(answer) else answer


class _Handler(BaseHTTPRequestHandler):
    server: StubLeader
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self._send(200, self.server.leadership)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.paths.append(self.path)
        self.server.bodies.append(body)
        self.server.tokens.append(self.headers["Authorization"].removeprefix("Bearer "))
        self._send(*self.server.next_answer(body))

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def date_time_string(self, timestamp: float | None = None) -> str:
        now = datetime.datetime.now(tz=datetime.UTC).timestamp()
        return formatdate(now + self.server.clock_ahead, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def running_leader(directory: Path) -> Iterator[StubLeader]:
    with StubLeader(directory) as leader:
        thread = threading.Thread(target=leader.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield leader
        leader.shutdown()
        thread.join()


def _install_certificate(server: StubLeader, directory: Path) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leader")])
    now = datetime.datetime.now(tz=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    plain = serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path = directory / "leader.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return hashlib.sha256(certificate.public_bytes(der)).hexdigest()
