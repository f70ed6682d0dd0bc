"""HTTPS to another node: the certificate is looked at before a single byte of a request is sent."""

import hmac
import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from nodes.agent import reach
from nodes.agent.encoding import read_object

CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 5.0
LARGEST_ANSWER = 8 * 1024 * 1024


class Unreachable(Exception):
    """Nobody answered there as a node does; the text says why."""


class WrongCertificate(Exception):
    """Whoever answered there is not the one whose fingerprint was expected; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON object of an answer."""

    status: int
    body: dict[str, Any]


class Transport(Protocol):
    """Calls to another node. Raises ``Unreachable`` or, before anything is sent,
    ``WrongCertificate``.
    """

    def call(
        self,
        method: str,
        url: str,
        *,
        fingerprint: str | None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Without a fingerprint the peer is believed to be who it says (S13)."""
        ...

    def open_line(self, url: str, *, fingerprint: str) -> "AbstractContextManager[Line]":
        """A connection that is there before it is needed."""
        ...


class Line(Protocol):
    """An open connection to another node, for one call; it raises ``Unreachable``."""

    def post(self, path: str, body: Mapping[str, Any], *, token: str) -> Answer: ...


class HttpsTransport:
    """The real network."""

    def call(
        self,
        method: str,
        url: str,
        *,
        fingerprint: str | None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        try:
            connection = _connect(url, fingerprint=fingerprint)
            try:
                return _exchange(connection, method, urlsplit(url).path, body)
            finally:
                connection.close()
        except reach.PROBLEMS as error:
            raise Unreachable(reach.describe(error)) from error

    @contextmanager
    def open_line(self, url: str, *, fingerprint: str) -> Iterator[Line]:
        try:
            connection = _connect(url, fingerprint=fingerprint)
        except reach.PROBLEMS as error:
            raise Unreachable(reach.describe(error)) from error
        try:
            yield _HttpsLine(connection)
        finally:
            connection.close()


class _HttpsLine:
    def __init__(self, connection: http.client.HTTPSConnection) -> None:
        self._connection = connection

    def post(self, path: str, body: Mapping[str, Any], *, token: str) -> Answer:
        try:
            return _exchange(self._connection, "POST", path, body, token=token)
        except reach.PROBLEMS as error:
            raise Unreachable(reach.describe(error)) from error


def _connect(url: str, *, fingerprint: str | None) -> http.client.HTTPSConnection:
    """A TLS connection to the machine that holds the certificate, which need not be vouched for."""
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "",
        parts.port or 443,
        timeout=CONNECT_TIMEOUT,
        context=reach.make_context(),
    )
    connection.connect()
    if fingerprint is not None and not _is_shown(connection, fingerprint):
        connection.close()
        raise WrongCertificate(url)
    connection.sock.settimeout(READ_TIMEOUT)
    return connection


def _is_shown(connection: http.client.HTTPSConnection, fingerprint: str) -> bool:
    return hmac.compare_digest(reach.fingerprint_shown(connection.sock), fingerprint)


def _exchange(
    connection: http.client.HTTPSConnection,
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    token: str = "",
) -> Answer:
    content = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, content, headers)
    response = connection.getresponse()
    return Answer(response.status, read_object(response.read(LARGEST_ANSWER)))


def get_transport() -> Transport:
    """The network, or what the setting ``TRANSPORT`` puts in its place."""
    other: Transport | None = getattr(settings, "TRANSPORT", None)
    return other or HttpsTransport()
