"""An application is asked for a moment, and believed little."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from nodes.agent.applications import health
from nodes.agent.applications.definition import Definition
from nodes.agent.applications.entries import Entry

Serve = Callable[[socket.socket], None]
Listen = Callable[[Serve], int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Starts something that answers one call, and gives its port."""
    opened, serving = [], []

    def start(serve: Serve) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)
        serving.append(threading.Thread(target=lambda: serve(listener.accept()[0]), daemon=True))
        serving[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in serving:
        thread.join(timeout=5)
    for listener in opened:
        listener.close()


def answering(text: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            connection.sendall(text)

    return serve


def fault(port: int, *, kind: str = "http") -> str:
    """Of an application that has the same port for UDP, elsewhere."""
    wanted = {
        "name": "web",
        "image": "localhost/site:1",
        "ports": [
            {"container": 80, "host": 9, "protocol": "udp", "bind": "local"},
            {"container": 80, "host": port, "bind": "local"},
        ],
        "health": {"kind": kind, "port": 80},
    }
    return health.find_fault(Entry(Definition.parse(wanted), revision=1, image="localhost/site:1"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.0 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", ""),
        (b"HTTP/1.1 503 Busy\r\n\r\n", "/ is answered with HTTP 503."),
        (b"SSH-2.0-server\r\n", "port {port} does not speak HTTP."),
        (b"", "port {port} does not speak HTTP."),
    ],
)
def test_status_decides(listen: Listen, answer: bytes, said: str) -> None:
    port = listen(answering(answer))
    assert fault(port) == said.format(port=port)


def test_open_port_is_enough_where_nothing_is_asked(listen: Listen) -> None:
    assert fault(listen(answering(b"")), kind="tcp") == ""


def test_closed_port_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert fault(port).startswith(f"port {port} does not answer")


def test_answer_byte_by_byte_holds_nobody_up(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper looks at one application after the other."""
    over = threading.Event()

    def trickle(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while not over.wait(0.02):
                connection.sendall(b"H")

    monkeypatch.setattr(health, "SECONDS", 0.1)
    began = time.monotonic()
    assert "does not" in fault(listen(trickle))
    over.set()
    assert time.monotonic() - began < 1
