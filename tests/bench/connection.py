"""HTTPS as lean as it gets, because the generator of load shares the cores with the leader."""

import asyncio
import hashlib
import json
import ssl
from dataclasses import dataclass
from typing import Any

FAILURES = (OSError, asyncio.IncompleteReadError, ValueError)
"""What a call may raise; a timeout and all of TLS are OSErrors."""
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE  # the fingerprint is checked instead, as the agent does


@dataclass(frozen=True)
class Server:
    """The leader's console, and the SHA-256 of its certificate."""

    address: str
    port: int
    fingerprint: str


class Connection:
    """One TLS connection, kept open as the agent keeps its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, *, token: str) -> dict[str, Any]:
        """One sync; raises one of FAILURES."""
        reader, writer = self._streams or await self._open()
        writer.write(
            b"POST /agent/v1/sync HTTP/1.1\r\nHost: leader\r\nContent-Type: application/json\r\n"
            + f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        answer: dict[str, Any] = json.loads(await reader.readexactly(length))
        if not head.startswith("http/1.1 200"):
            raise ValueError(f"{head.split()[1]} {answer.get('code')}")
        if "connection: close" in head:
            self.close()
        return answer

    def close(self) -> None:
        """Begin anew with the next call."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        server = self._server
        reader, writer = await asyncio.open_connection(server.address, server.port, ssl=CONTEXT)
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if hashlib.sha256(certificate).hexdigest() != server.fingerprint:
            raise ValueError("another certificate")
        self._streams = reader, writer
        return self._streams
