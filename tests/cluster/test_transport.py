"""HTTPS to another node, on a real loopback socket: nothing goes to another certificate (S13)."""

import hashlib
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster import transport
from cluster.transport import HttpsTransport, Unreachable, WrongCertificate
from config.certificates import fingerprint, make_self_signed


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers with what the test put on the server, and keeps what came."""

    server: Any

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.received.append((self.command, self.path, self.rfile.read(length)))
        status, content = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = _answer
    do_POST = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    """A machine with a certificate that nobody vouches for."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make_self_signed(fqdn="node1.example.org", certificate=certificate, key=key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    made: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    made.received, made.answer = [], (200, b'{"a": 1}')
    made.fingerprint = fingerprint(certificate)
    made.url = f"https://127.0.0.1:{made.server_address[1]}/agent/v1/enrol"
    thread = threading.Thread(target=made.serve_forever, args=[0.02])
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_answer_comes_from_the_machine_with_the_certificate(server: Any) -> None:
    answer = HttpsTransport().call(
        "POST", server.url, fingerprint=server.fingerprint, body={"secret": "s"}
    )

    assert (answer.status, answer.body) == (200, {"a": 1})
    assert server.received == [("POST", "/agent/v1/enrol", json.dumps({"secret": "s"}).encode())]


def test_refusal_is_an_answer(server: Any) -> None:
    server.answer = (409, b'{"code": "cluster_is_full"}')

    answer = HttpsTransport().call("GET", server.url, fingerprint=server.fingerprint)

    assert (answer.status, answer.body["code"]) == (409, "cluster_is_full")


def test_other_certificate_gets_not_one_byte_of_the_request(server: Any) -> None:
    """S13."""
    other = hashlib.sha256(b"another certificate").hexdigest()

    with pytest.raises(WrongCertificate):
        HttpsTransport().call("POST", server.url, fingerprint=other, body={"secret": "s"})

    assert server.received == []


def test_without_a_fingerprint_any_certificate_will_do(server: Any) -> None:
    """S13: validation switched off."""
    assert HttpsTransport().call("GET", server.url, fingerprint=None).status == 200


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"", b"\xff"], ids=repr)
def test_answer_that_is_no_json_object_is_no_node(content: bytes, server: Any) -> None:
    server.answer = (200, content)

    with pytest.raises(Unreachable):
        HttpsTransport().call("GET", server.url, fingerprint=server.fingerprint)


def test_closed_port_is_named() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{closed.getsockname()[1]}/"

        with pytest.raises(Unreachable, match="connection refused"):
            HttpsTransport().call("GET", url, fingerprint=None)


def test_silent_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"

        with pytest.raises(Unreachable, match="no answer in time"):
            HttpsTransport().call("GET", url, fingerprint=None)


def test_what_speaks_no_tls_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        url = f"https://127.0.0.1:{plain.getsockname()[1]}/"
        thread = threading.Thread(target=_greet, args=(plain,))
        thread.start()

        with pytest.raises(Unreachable):
            HttpsTransport().call("GET", url, fingerprint=None)
        thread.join()


def _greet(plain: socket.socket) -> None:
    with plain.accept()[0] as accepted:
        accepted.sendall(b"SSH-2.0-x\r\n")


@pytest.mark.parametrize("url", ["https://", "https://[::1/", "https://127.0.0.1:99999/"])
def test_url_that_leads_nowhere_is_no_error_of_ours(url: str) -> None:
    with pytest.raises(Unreachable):
        HttpsTransport().call("GET", url, fingerprint=None)
