"""Names of endpoints, resolved beside the reconciler, so that a dead name server holds nothing
up.
"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

TTL = 30.0
"""Seconds that an answer, or the lack of one, is believed."""
LOOKUPS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Answer:
    address: str | None
    at: float


def _resolve(host: str) -> str | None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):  # the latter for what is no name
        return None
    return str(found[0][4][0])


class Resolver:
    """Remembers addresses; asks again, in a thread, when somebody needs one that is old."""

    def __init__(
        self, *, on_answer: Callable[[], None], resolve: Callable[[str], str | None] = _resolve
    ) -> None:
        self._answers: dict[str, _Answer] = {}
        self._asking: set[str] = set()
        self._settled = threading.Condition()
        self._slots = threading.Semaphore(LOOKUPS_AT_ONCE)
        self._on_answer = on_answer
        self._resolve = resolve

    def endpoint(self, text: str) -> str | None:
        """``host:port`` with the host as an address, or None while that is not known."""
        host, _, port = text.rpartition(":")
        address = self._address(host.strip("[]"))
        if address is None:
            return None
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def settle(self, *, seconds: float) -> None:
        """Wait until nothing is being asked, but not longer than ``seconds``."""
        with self._settled:
            self._settled.wait_for(lambda: not self._asking, timeout=seconds)

    def _address(self, host: str) -> str | None:
        try:
            return str(ip_address(host))
        except ValueError:
            pass
        with self._settled:
            answer = self._answers.get(host)
            if answer is None or time.monotonic() - answer.at > TTL:
                self._ask(host)
            return answer.address if answer else None

    def _ask(self, host: str) -> None:
        if host not in self._asking:
            self._asking.add(host)
            threading.Thread(target=self._answer, args=[host], daemon=True).start()

    def _answer(self, host: str) -> None:
        with self._slots:
            address = self._resolve(host)
        with self._settled:
            known = self._answers.get(host)
            if address is None and known:
                address = known.address  # better the old address than none
            is_new = known is None or known.address != address
            self._answers[host] = _Answer(address, time.monotonic())
            self._asking.discard(host)
            self._settled.notify_all()
        if is_new:
            self._on_answer()
