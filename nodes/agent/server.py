"""The agent's local socket: HTTP/1.1 and JSON over ``run/agent.sock``, for this machine's web and
celery alone.
"""

import json
import logging
import os
import socketserver
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from nodes.agent.calls import Calls
from nodes.agent.encoding import read_object
from nodes.agent.errors import AgentError, RequestInvalid

logger = logging.getLogger(__name__)
LARGEST_BODY = 16 * 1024 * 1024
IDLE_SECONDS = 10


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A thread for each connection; who may open the socket is decided by its group."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, calls: Calls) -> None:
        self.calls = calls
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        mask = os.umask(0o117)  # from its first moment nobody else can connect
        try:
            super().__init__(str(path), Handler)
        finally:
            os.umask(mask)
        group = path.parent.stat().st_gid
        if path.stat().st_gid != group:
            os.chown(path, -1, group)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away, or a mistake of ours: told in the log, and the agent goes on."""
        logger.warning("socket_call_failed", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """One connection: reads JSON, answers JSON."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        try:
            body = self._read()
        except AgentError as error:
            self.close_connection = True  # what is left of the body is not a request
            self._send(error.status, {"code": error.code, "detail": error.detail})
        else:
            self._answer(body)

    def log_message(self, format: str, *args: object) -> None:
        """Calls are not logged: the web polls."""

    def address_string(self) -> str:
        """A Unix socket has no address to name."""
        return "local"

    def _answer(self, body: dict[str, Any]) -> None:
        try:
            answer, status = self.server.calls.answer(self.command, self.path, body), 200
        except AgentError as error:
            answer, status = {"code": error.code, "detail": error.detail}, error.status
        self._send(status, answer)

    def _read(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            raise RequestInvalid(problem="The body has no acceptable Content-Length")
        try:
            return read_object(self.rfile.read(int(length)))
        except ValueError as error:
            raise RequestInvalid(problem="The body is not a JSON object") from error

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
