"""The command ``probe``: what a node sees of others, and what it says when it sees nothing."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import probe as probing
from nodes.agent import reach
from nodes.agent.machine import VpnStatus
from nodes.agent.probe import Probe
from nodes.agent.vpn.ping import Echo, Wanted
from nodes.agent.vpn.system import CommandFailed
from tests.nodes.agent.leader import StubLeader, running_leader

Json = dict[str, Any]


class FakePings:
    """A VPN in which every peer answers, unless a test says otherwise."""

    def __init__(self) -> None:
        self.state = "up"
        self.reason: str | None = None
        self.broken = ""
        self.asked: list[Wanted] = []
        self.echoes = {3: Echo(heard=True, unasked=False, endpoint="127.0.0.1:55820")}

    def status(self) -> VpnStatus:
        peer: Any = {"node_id": 3, "endpoint": "", "last_handshake": 1, "received": 0, "sent": 0}
        return {
            "state": self.state,
            "reason": self.reason,
            "interface": "wg0",
            "peers": [peer],
        }

    def ping(self, wanted: Wanted, *, is_quiet: bool = False) -> dict[int, Echo]:
        self.asked.append(wanted)
        if self.broken:
            raise CommandFailed(self.broken)
        return {node_id: echo for node_id, echo in self.echoes.items() if node_id in wanted}


class _Says(BaseHTTPRequestHandler):
    """A node that says who it is."""

    server: Any

    def do_GET(self) -> None:
        content = self.server.says
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[StubLeader]:
    with running_leader(tmp_path) as server:
        server.RequestHandlerClass = _Says
        says(server, {"node": 3, "cluster": "c"})
        yield server


@pytest.fixture
def pings() -> FakePings:
    return FakePings()


def says(server: StubLeader, answer: Any) -> None:
    vars(server)["says"] = json.dumps(answer).encode()


def look(pings: FakePings, url: str) -> Json:
    [seen] = Probe(pings)({"hosts": [{"node_id": 3, "url": url}]})["hosts"]
    return dict(seen)


def ping(pings: FakePings, *, endpoint: str = "", node_id: int = 3, is_pinned: bool = True) -> Json:
    peer = {"node_id": node_id, "endpoint": endpoint, "pinned": is_pinned}
    return dict(Probe(pings)({"ping": [peer]})["vpn"])


def test_host_is_known_by_address_certificate_and_its_own_word(
    pings: FakePings, host: StubLeader
) -> None:
    """S36, S37."""
    seen = look(pings, host.url)

    assert (seen["ok"], seen["failed"], seen["addresses"]) == (True, "", ["127.0.0.1"])
    assert (seen["tls_fingerprint"], seen["node"]) == (host.fingerprint, 3)
    assert (seen["cluster"], seen["handshake_age"] > 10**9) == ("c", True)


def test_what_does_not_listen_is_named(pings: FakePings) -> None:
    seen = look(pings, "https://127.0.0.1:1")

    assert (seen["ok"], seen["failed"]) == (False, "https")
    assert (seen["detail"], seen["addresses"]) == ("connection refused", ["127.0.0.1"])


def test_what_is_no_node_is_named(pings: FakePings, host: StubLeader) -> None:
    says(host, ["not", "an", "object"])

    seen = look(pings, host.url)

    assert (seen["failed"], seen["detail"]) == ("https", "it is no Flotilla node")


def test_name_that_is_not_known_is_named(pings: FakePings, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*args: object, **options: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", ask)

    seen = look(pings, "https://nowhere.example.org:8443")

    assert (seen["failed"], seen["detail"]) == ("name", "the name is not known")
    assert "addresses" not in seen


def test_name_server_that_never_answers_holds_nobody_up(
    pings: FakePings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S25: nothing may hang while a resolver is blocked."""
    over = threading.Event()

    def hang(*args: object, **options: object) -> Any:
        over.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(reach, "NAME_SECONDS", 0.05)

    seen = look(pings, "https://nowhere.example.org:8443")
    over.set()

    assert (seen["failed"], seen["detail"]) == ("name", "the name server does not answer")


def test_lookups_that_hang_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_lookups", threading.BoundedSemaphore(1))
    reach._lookups.acquire()

    with pytest.raises(reach.NameServerSilent):
        reach.resolve("node2.example.org")


def test_host_that_never_answers_costs_no_more_than_the_whole_time(
    pings: FakePings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "SECONDS", 0.5)
    monkeypatch.setattr(reach, "CONNECT_SECONDS", 30)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        seen = look(pings, f"https://127.0.0.1:{silent.getsockname()[1]}")

    assert (seen["ok"], seen["failed"], seen["detail"]) == (False, "https", "no answer in time")
    assert time.monotonic() - began < 10


def test_endpoint_that_is_no_name_spoils_no_ping(pings: FakePings) -> None:
    seen = ping(pings, endpoint="node3..example.org:55820")

    assert (seen["state"], len(seen["peers"])) == ("up", 1)


def test_peer_that_answers_is_heard_where_it_should_be(pings: FakePings) -> None:
    [peer] = ping(pings, endpoint="127.0.0.1:55820")["peers"]

    assert pings.asked == [{3: ["127.0.0.1:55820"]}]
    assert (peer["known"], peer["heard"]) == (True, True)
    assert peer["endpoint"] == peer["announced"] == "127.0.0.1:55820"


def test_peer_that_is_heard_from_elsewhere_is_told_apart(pings: FakePings) -> None:
    [peer] = ping(pings, endpoint="127.0.0.9:4000")["peers"]

    assert (peer["endpoint"], peer["announced"]) == ("127.0.0.1:55820", "127.0.0.9:4000")


def test_peer_that_is_not_pinned_is_pinged_where_it_is(pings: FakePings) -> None:
    [peer] = ping(pings, endpoint="127.0.0.9:4000", is_pinned=False)["peers"]

    assert (pings.asked, peer["announced"]) == ([{3: []}], "127.0.0.9:4000")


def test_endpoint_without_a_name_proves_nothing_but_the_peer(
    pings: FakePings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*args: object, **options: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", ask)

    [peer] = ping(pings, endpoint="nowhere.example.org:55820")["peers"]

    assert (pings.asked, peer["heard"], peer["announced"]) == ([{3: []}], True, "")


def test_node_that_is_no_peer_is_not_known(pings: FakePings) -> None:
    [peer] = ping(pings, node_id=4)["peers"]

    assert (peer["known"], peer["heard"], peer["endpoint"]) == (False, False, "")


def test_vpn_that_is_off_is_not_pinged(pings: FakePings) -> None:
    pings.state, pings.reason = "off", "The VPN is off: no wg."

    vpn = ping(pings)

    assert vpn == {"state": "off", "reason": "The VPN is off: no wg.", "peers": []}
    assert pings.asked == []


def test_wireguard_that_fails_is_said(pings: FakePings) -> None:
    pings.broken = "wg show wg0: timed out"

    assert ping(pings) == {"state": "failed", "reason": "wg show wg0: timed out", "peers": []}


@pytest.mark.parametrize(
    "arguments",
    [
        {"hosts": "x"},
        {"hosts": ["x"]},
        {"hosts": [{"node_id": 1, "url": "https://a"}] * 65},
        {"hosts": [{"node_id": 1, "url": "file:///etc/shadow"}]},
        {"ping": [{"node_id": 1, "endpoint": "-h", "pinned": True}]},
    ],
    ids=["text", "texts", "too many", "no https", "no endpoint"],
)
def test_other_arguments_are_refused(arguments: Json, pings: FakePings) -> None:
    with pytest.raises(ValueError):
        Probe(pings)(arguments)
