"""The command ``probe``: what this node sees of other hosts, for the leader's checks."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from nodes.agent import checks, reach
from nodes.agent.machine import VpnStatus
from nodes.agent.vpn.ping import Echo, Wanted
from nodes.agent.vpn.system import CommandFailed

SECONDS = 4.6
"""For everything at once: whatever hangs longer is named as silent."""
MOST_HOSTS = 64

Json = dict[str, Any]


class Pings(Protocol):
    """``Pinger``, as far as it is needed here."""

    def status(self) -> VpnStatus: ...

    def ping(self, wanted: Wanted, *, is_quiet: bool = False) -> dict[int, Echo]: ...


class Probe:
    """For each host of ``hosts``: the addresses of its name, who answers there by HTTPS, and the
    age of the VPN's handshake. For each peer of ``ping``: whether it is heard now, and by the
    endpoint that is named, if it shall be ``pinned`` there; ``quiet`` is for the end that has it.
    """

    def __init__(self, pings: Pings) -> None:
        self._pings = pings

    def __call__(self, arguments: Mapping[str, Any]) -> Json:
        hosts = [_Host(source) for source in _list(arguments, "hosts")]
        peers = [_Peer(source) for source in _list(arguments, "ping")]
        is_quiet = arguments.get("quiet") is True
        vpn: Json = {"state": "failed", "reason": reach.SILENT, "peers": []}
        jobs = [host.look for host in hosts]
        _run([*jobs, lambda: vpn.update(self._ping(peers, is_quiet=is_quiet))], seconds=SECONDS)
        ages = self._handshake_ages()
        return {
            "hosts": [host.seen | {"handshake_age": ages.get(host.node_id)} for host in hosts],
            "vpn": dict(vpn),
        }

    def _ping(self, peers: Sequence["_Peer"], *, is_quiet: bool) -> Json:
        status = self._pings.status()
        answer: Json = {"state": status["state"], "reason": status["reason"], "peers": []}
        if not peers or status["state"] != "up":
            return answer
        named = {peer.node_id: peer.endpoints() for peer in peers}
        wanted = {peer.node_id: named[peer.node_id] if peer.is_pinned else [] for peer in peers}
        try:
            echoes = self._pings.ping(wanted, is_quiet=is_quiet)
        except CommandFailed as error:
            return answer | {"state": "failed", "reason": str(error)}
        return answer | {
            "peers": [_describe(each, echoes.get(each), named[each]) for each in named]
        }

    def _handshake_ages(self) -> dict[int, int]:
        """Seconds since the last handshake with each node, without those never met."""
        now = time.time()
        peers = [peer for peer in self._pings.status()["peers"] if peer["last_handshake"]]
        return {peer["node_id"]: max(0, round(now - peer["last_handshake"])) for peer in peers}


class _Host:
    """One host to look at, and what was seen so far."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.node_id, url = checks.number(source, "node_id"), checks.https_url(source, "url")
        parts = urlsplit(url)
        self._name, self._port = parts.hostname or "", parts.port or 443
        self.seen: Json = {"node_id": self.node_id, "url": url, "ok": False}
        self.seen |= {"failed": "name", "detail": reach.SILENT}

    def look(self) -> None:
        try:
            addresses = reach.resolve(self._name)
            self.seen |= {"failed": "https", "addresses": addresses}
            found = reach.identify(self._name, addresses, self._port)
        except reach.PROBLEMS as error:
            self.seen |= {"detail": reach.describe(error)}
            return
        self.seen |= {
            "ok": True,
            "failed": "",
            "detail": "",
            "tls_fingerprint": found.tls_fingerprint,
            "node": found.node,
            "cluster": found.cluster,
        }


class _Peer:
    """One peer to ping, and the endpoint where others reach it, if it has one."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.node_id = checks.number(source, "node_id")
        self._endpoint = checks.endpoint(source, "endpoint")
        self.is_pinned = checks.boolean(source, "pinned")

    def endpoints(self) -> list[str]:
        """As addresses; none where the name does not resolve, which is another check's business."""
        host, _, port = self._endpoint.rpartition(":")
        try:
            found = reach.resolve(host.strip("[]")) if host else []
        except (OSError, UnicodeError):
            return []
        return [
            f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address in found
        ]


def _describe(node_id: int, echo: Echo | None, named: Sequence[str]) -> Json:
    endpoint = echo.endpoint if echo else ""
    return {
        "node_id": node_id,
        "known": echo is not None,
        "heard": bool(echo and echo.heard),
        "unasked": bool(echo and echo.unasked),
        "endpoint": endpoint,
        "announced": endpoint if endpoint in named else next(iter(named), ""),
    }


def _run(jobs: Sequence[Callable[[], object]], *, seconds: float) -> None:
    """All at once; what is not done in time goes on alone, and nobody waits for it."""
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=job, name="probe", daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _list(arguments: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    values = arguments.get(name, [])
    if not isinstance(values, list) or len(values) > MOST_HOSTS:
        raise ValueError(f"{name} is not a list of at most {MOST_HOSTS}")
    if not all(isinstance(value, dict) for value in values):
        raise ValueError(f"{name} is not a list of objects")
    return values
