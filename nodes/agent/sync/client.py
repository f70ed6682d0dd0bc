"""HTTPS to the leader, with its certificate pinned: no name and no authority vouches for it, only
the fingerprint.
"""

import json
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3 import exceptions
from urllib3.util.ssl_ import create_urllib3_context

from nodes.agent.encoding import read_object
from nodes.agent.sync.routes import Route
from nodes.agent.version import VERSION

AGENT = f"flotilla-agent/{VERSION}"
LARGEST_ANSWER = 16 * 1024 * 1024


REASONS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.NameResolutionError, "has a name that does not resolve"),
    (exceptions.NewConnectionError, "cannot be reached"),
    (exceptions.ConnectTimeoutError, "cannot be reached in time"),
    (exceptions.ReadTimeoutError, "did not answer in time"),
    (exceptions.SSLError, "does not show the leader's certificate"),
    (exceptions.ProtocolError, "closed the connection"),
    (ValueError, "answered with something else than JSON"),
)


class NoAnswer(Exception):
    """The leader could not be reached this way, or what answered is not the leader."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the leader said; ``date`` is its clock, as the Date header gives it."""

    status: int
    body: dict[str, Any]
    date: str


class Client:
    """Keeps one connection open to each of the last few ways."""

    def __init__(self) -> None:
        self._context = create_urllib3_context(cert_reqs=0)
        self._context.check_hostname = False
        self._pools: dict[Route, urllib3.HTTPSConnectionPool] = {}

    def post(self, route: Route, path: str, body: dict[str, Any], *, token: str) -> Answer:
        """Send JSON and read JSON; raises NoAnswer."""
        return self._exchange("POST", route, path, json.dumps(body).encode(), _headers(token))

    def fetch(self, route: Route, path: str, body: dict[str, Any], *, token: str) -> bytes:
        """Send JSON and read bytes; raises NoAnswer, also where they are refused."""
        content = json.dumps(body).encode()
        try:
            answer = self._pool(route).urlopen("POST", path, body=content, headers=_headers(token))
            if answer.status == 200:
                return bytes(answer.data)
            refused = _parse(answer.data)
        except (exceptions.HTTPError, ValueError) as error:
            self.forget(route)
            raise NoAnswer(f"{route.host}:{route.port} {_reason(error)}.") from error
        raise NoAnswer(str(refused.get("detail") or f"HTTP {answer.status}")[:300])

    def get(self, route: Route, path: str) -> Answer:
        """Read JSON that is for everybody; raises NoAnswer."""
        return self._exchange("GET", route, path, None, {"User-Agent": AGENT})

    def _exchange(
        self, method: str, route: Route, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Answer:
        try:
            response = self._pool(route).urlopen(method, path, body=content, headers=headers)
            return Answer(response.status, _parse(response.data), response.headers.get("Date", ""))
        except (exceptions.HTTPError, ValueError) as error:
            self.forget(route)
            raise NoAnswer(f"{route.host}:{route.port} {_reason(error)}.") from error

    def forget(self, route: Route) -> None:
        """Close what is open this way."""
        pool = self._pools.pop(route, None)
        if pool is not None:
            pool.close()

    def _pool(self, route: Route) -> urllib3.HTTPSConnectionPool:
        for other in [known for known in self._pools if _is_outdated(known, by=route)]:
            self.forget(other)
        if route not in self._pools:
            self._pools[route] = urllib3.HTTPSConnectionPool(
                route.host,
                route.port,
                maxsize=1,
                retries=False,
                timeout=urllib3.Timeout(connect=route.connect_seconds, read=route.answer_seconds),
                assert_fingerprint=route.fingerprint,
                assert_hostname=False,
                ssl_context=self._context,
            )
        return self._pools[route]


def _reason(error: Exception) -> str:
    """What to tell people; the library's own text names its objects."""
    return next((text for kind, text in REASONS if isinstance(error, kind)), str(error))


def _is_outdated(known: Route, *, by: Route) -> bool:
    """One way of each kind is enough: the leader, its address or its certificate has changed."""
    return known.path == by.path and known != by


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "User-Agent": AGENT,
    }


def _parse(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_ANSWER:
        raise ValueError("the answer is too large")
    return read_object(content)
