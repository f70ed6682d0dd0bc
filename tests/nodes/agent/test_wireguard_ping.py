"""Pinging on real WireGuard: what gets through, what does not, and what it leaves alone."""

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.lab import namespaces
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.machines import LAB, Node, has_handshake, is_whole, pin, wait_for

pytestmark = pytest.mark.lab
PING = """
import json, sys, time
from dataclasses import asdict
from pathlib import Path
from nodes.agent.config import Config
from nodes.agent.daemon import make_reconciler
from nodes.agent.membership import Membership
from nodes.agent.vpn.ping import Pinger
config = Config.from_environment()
membership = Membership(config.node_dir, fqdn=config.fqdn)
reconciler = make_reconciler(config, membership, on_answer=lambda: None)
reconciler.run_once()
here, count = Path(sys.argv[3]), int(sys.argv[4])
(here / config.fqdn).touch()
until = time.monotonic() + 30
while len(list(here.iterdir())) < count and time.monotonic() < until:
    time.sleep(0.01)
wanted = {int(key): value for key, value in json.loads(sys.argv[1]).items()}
echoes = Pinger(reconciler).ping(wanted, is_quiet=sys.argv[2] == "quiet")
print(json.dumps({key: asdict(echo) for key, echo in echoes.items()}))
"""
"""As the agent's command does it, beside the agent: the interface is the same. It begins when all
are there to begin, however long a busy machine takes to start them.
"""


RIGHT = "192.0.2.3:55820"


@pytest.fixture(scope="module")
def machines() -> Iterator[list[Node]]:
    """Three machines on one switch; node 1 leads, and all are in the VPN."""
    directory, lab = Path(tempfile.mkdtemp(prefix="agp")), f"{LAB}p"
    nodes = [
        Node(lab, f"node{number}", f"192.0.2.{number}", directory / str(number), number)
        for number in (1, 2, 3)
    ]
    try:
        namespaces.add_switch(lab)
        for node in nodes:
            node.state_dir.mkdir(parents=True)
            (node.directory / "hosts").write_text("127.0.0.1 localhost\n")
            node.boot()
            node.start_agent()
        _join(nodes)
        yield nodes
    finally:
        for namespace in namespaces.named(lab):
            namespaces.kill_all(namespace)
            namespaces.delete(namespace)
        shutil.rmtree(directory)


def _join(nodes: list[Node]) -> None:
    ends = [node.entry(endpoint=f"{node.address}:55820") for node in nodes]
    first, *others = nodes
    first.agent.lead(make_document(ends[0]))
    joining = [entry | {"status": "joining"} for entry in ends[1:]]
    jws = first.agent.sign(make_document(ends[0], *joining, generation=2))
    for node in others:
        node.agent.adopt(jws=jws, node_id=node.number, leader=pin(ends[0]))
    wait_for(lambda: all(map(is_whole, nodes)), seconds=20)


def ping(*asked: tuple[Node, int, str]) -> list[dict[str, Any]]:
    """What each node heard of the one it was asked to ping, all at the same time."""
    with (
        tempfile.TemporaryDirectory() as here,
        ThreadPoolExecutor(max_workers=len(asked)) as threads,
    ):

        def run(each: tuple[Node, int, str]) -> dict[str, Any]:
            node, other, how = each
            wanted = json.dumps({other: [how] if ":" in how else []})
            done = node.exec("python", "-c", PING, wanted, how, here, str(len(asked)))
            return dict(json.loads(done.stdout)[str(other)])

        return list(threads.map(run, asked))


def drop(node: Node, *rule: str) -> None:
    node.exec("iptables", "-I", *rule, "-j", "DROP")


def pass_again(node: Node) -> None:
    node.exec("iptables", "-F")


def test_warm_peers_hear_each_other(machines: list[Node]) -> None:
    """S37: node 3 is no hub yet, and has no route to node 2."""
    _, second, third = machines

    mine, theirs = ping((second, 3, RIGHT), (third, 2, "quiet"))

    assert (mine["heard"], mine["endpoint"]) == (True, RIGHT)
    assert (theirs["heard"], theirs["unasked"]) == (True, True)
    assert theirs["endpoint"] == "192.0.2.2:55820"


def test_packet_leaves_at_once(machines: list[Node]) -> None:
    """Not with the next keepalive of its own: the other end knows the way back from it."""
    _, second, third = machines
    key = second.entry()["wireguard_key"]
    third.exec("wg", "set", "wg0", "peer", key, "endpoint", "192.0.2.2:1")

    ping((second, 3, RIGHT))

    assert f"{key}\t192.0.2.2:55820" in third.exec("wg", "show", "wg0", "endpoints").stdout


def test_blocked_way_is_silent_in_its_direction_only(machines: list[Node]) -> None:
    """S36: what node 2 sends does not arrive, what it receives does."""
    _, second, third = machines
    second.exec("iptables", "-I", "OUTPUT", "-d", "192.0.2.3", "-p", "udp", "-j", "DROP")

    try:
        mine, theirs = ping((second, 3, RIGHT), (third, 2, "quiet"))
    finally:
        second.exec("iptables", "-F")

    assert (mine["heard"], theirs["heard"]) == (True, False)


def test_wrong_port_shows_although_the_peer_is_heard(machines: list[Node]) -> None:
    _, second, third = machines

    mine, theirs = ping((second, 3, "192.0.2.3:4444"), (third, 2, "quiet"))

    assert (mine["heard"], mine["endpoint"]) == (True, RIGHT)
    assert theirs["unasked"] is False


def test_traffic_goes_on_while_the_hub_is_pinged(machines: list[Node]) -> None:
    """Not one packet is lost: nothing but a keepalive is touched."""
    first, second, _ = machines
    answers: list[str] = []

    def watch() -> None:
        flood = second.exec("ping", "-n", "-i0.02", "-c150", "-W1", "10.5.4.1", check=False)
        answers.append(flood.stdout)

    watching = threading.Thread(target=watch)
    watching.start()
    ping((second, 1, "192.0.2.1:55820"), (first, 2, "loud"))
    watching.join()

    assert " 0% packet loss" in answers[0]


def test_keepalive_that_is_turned_on_shakes_hands(machines: list[Node]) -> None:
    """What pinging rests on: one call, at once, also where there is no session."""
    _, second, third = machines
    peer = ["peer", third.entry()["wireguard_key"]]
    second.stop_agent()
    second.exec("wg", "set", "wg0", *peer, "remove")
    second.exec("wg", "set", "wg0", *peer, "endpoint", "192.0.2.3:55820")
    assert not has_handshake(second, third)

    off, on = ["persistent-keepalive", "0"], ["persistent-keepalive", "5"]
    second.exec("wg", "set", "wg0", *peer, *off, *peer, *on)

    wait_for(lambda: has_handshake(second, third), seconds=1)
    second.start_agent()


def test_agent_finds_nothing_to_put_right(machines: list[Node]) -> None:
    _, second, third = machines

    ping((second, 3, RIGHT), (third, 2, "quiet"))

    shown = [node.exec("wg", "show", "wg0", "persistent-keepalive").stdout for node in machines]
    assert set(" ".join(shown).split()[1::2]) == {"5"}
