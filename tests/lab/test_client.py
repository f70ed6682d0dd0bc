"""What the lab's clients leave behind."""

import gc
import socket
import ssl
import struct

import pytest

from tests.lab import client

AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER of a server that is killed: its connections are reset."""


def test_nothing_stays_open_when_the_server_is_gone_before_the_handshake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stayed open would say so when it is collected, which fails whatever test runs then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address, port = server.getsockname()
        wrap = ssl.SSLContext.wrap_socket

        def wrap_too_late(self: ssl.SSLContext, sock: socket.socket, **values: object) -> object:
            line, _ = server.accept()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            line.close()
            return wrap(self, sock, **values)  # type: ignore[arg-type]

        monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap_too_late)
        with pytest.raises(client.Unreachable):
            client.fetch("GET", "/", address=address, fqdn="x.example", certificate=None, port=port)

    gc.collect()
