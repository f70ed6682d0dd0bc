"""The agent on real machines: network namespaces, WireGuard, and everything that can be broken in
them.
"""

import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nodes.local_agent import SocketAgent
from tests.lab import namespaces, wireguard
from tests.lab.machine import Machine
from tests.nodes.agent.documents import FINGERPRINT, make_document, make_node

pytestmark = pytest.mark.lab

LAB = f"agt{os.getpid() % 100000}"
HEALED = 5.0
"""Seconds within which anything that was broken on one machine is whole again."""


@dataclass(frozen=True)
class Node(Machine):
    """A machine that runs nothing but the agent."""

    number: int = 0

    @property
    def state_dir(self) -> Path:
        return self.directory / "state"

    @property
    def agent(self) -> SocketAgent:
        return SocketAgent(self.state_dir / "run" / "agent.sock")

    def variables(self) -> Mapping[str, str]:
        return {
            "FLOTILLA_STATE_DIR": str(self.state_dir),
            "FLOTILLA_FQDN": f"node{self.number}.lab.test",
        }

    def start_agent(self, *, tools: Path | None = None, is_good: bool = True) -> None:
        """Start the agent, ``tools`` before the system's own, and have it reconcile once."""
        path = f"{tools}:{self.environment()['PATH']}" if tools else self.environment()["PATH"]
        command = ("env", f"PATH={path}", "python", "-m", "nodes.agent", "run")
        self.spawn(*command, log=self.directory / "agent.log")
        wait_for(lambda: self.apply() == (0 if is_good else 1))

    def apply(self) -> int:
        """The exit code of ``apply-vpn-routes``."""
        return self.exec("bin/apply-vpn-routes", check=False).returncode

    def stop_agent(self) -> float:
        """Ask it to stop; gives the seconds that it took."""
        [pid] = self.pids("nodes.agent")
        self.exec("kill", str(pid))
        return wait_for(lambda: not self.pids("nodes.agent"))

    def entry(self, **changes: Any) -> dict[str, Any]:
        keys: Mapping[str, Any] = self.agent.status()["keys"]
        return make_node(self.number, keys, **changes)

    def show(self) -> wireguard.Interface | None:
        return wireguard.show(self)

    def pids(self, word: str) -> list[int]:
        """Processes of this machine with ``word`` among their arguments."""
        return [
            pid for pid in namespaces.processes(self.namespace) if word in arguments_of(pid).split()
        ]


def arguments_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def wait_for(condition: Callable[[], object], *, seconds: float = 10.0) -> float:
    """Poll until the condition holds; gives the seconds that it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.fixture(scope="module")
def machines() -> Iterator[list[Node]]:
    """Three machines on one switch, each with its agent running."""
    directory = Path(tempfile.mkdtemp(prefix="agt"))
    nodes = [
        Node(LAB, f"node{number}", f"192.0.2.{number}", directory / str(number), number)
        for number in (1, 2, 3)
    ]
    try:
        namespaces.add_switch(LAB)
        for node in nodes:
            node.state_dir.mkdir(parents=True)
            hosts = "".join(
                f"192.0.2.{other.number} node{other.number}.lab.test\n" for other in nodes
            )
            (node.directory / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
            node.boot()
            node.start_agent()
        yield nodes
    finally:
        for namespace in namespaces.named(LAB):
            namespaces.kill_all(namespace)
            namespaces.delete(namespace)
        shutil.rmtree(directory)


@pytest.fixture
def cluster(machines: list[Node]) -> list[Node]:
    """Node 1 leads, nodes 2 and 3 have adopted its state, whatever the test before has left.

    Nobody syncs, so the state stays as it is.
    """
    first, *others = machines
    for node in machines:
        if not node.pids("nodes.agent"):
            node.start_agent()
    entries = [first.entry(), *(node.entry(status="joining") for node in others)]
    first.agent.lead(make_document(entries[0]))
    jws = first.agent.sign(make_document(*entries, generation=2))
    for node in others:
        node.agent.adopt(jws=jws, node_id=node.number, leader=pin(entries[0]))
    wait_for(lambda: all(map(is_whole, machines)), seconds=20)
    return machines


def pin(entry: Mapping[str, Any]) -> dict[str, str]:
    return {
        "identity_key": entry["identity_key"],
        "tls_fingerprint": FINGERPRINT,
        "console_url": entry["console_url"],
    }


def has_handshake(node: Node, other: Node) -> bool:
    interface = node.show()
    peer = interface.peer(other.entry()["wireguard_key"]) if interface else None
    return peer is not None and peer.is_fresh


def is_whole(node: Node) -> bool:
    """Interface, address, route, and traffic to the hub and through it."""
    others = [number for number in (1, 2, 3) if number != node.number]
    return all(wireguard.reaches(node, f"10.5.4.{number}") for number in others)


def test_handshake_and_traffic_through_the_hub(cluster: list[Node]) -> None:
    _, second, third = cluster
    assert has_handshake(second, cluster[0])
    assert wireguard.reaches(second, "10.5.4.3")
    assert wireguard.reaches(third, "10.5.4.2")


def test_worker_gives_the_hub_the_network_and_keeps_the_other_warm(cluster: list[Node]) -> None:
    first, second, third = cluster
    interface = second.show()
    assert interface is not None
    hub = interface.peer(first.entry()["wireguard_key"])
    warm = interface.peer(third.entry()["wireguard_key"])
    assert hub is not None
    assert warm is not None
    assert hub.allowed_ips == ("10.5.4.0/24",)
    assert warm.allowed_ips == ()
    wait_for(lambda: has_handshake(second, third))


def test_hub_gives_each_worker_its_own_address_only(cluster: list[Node]) -> None:
    first, *others = cluster
    interface = first.show()
    assert interface is not None
    allowed = {peer.key: peer.allowed_ips for peer in interface.peers}
    assert allowed == {
        node.entry()["wireguard_key"]: (f"10.5.4.{node.number}/32",) for node in others
    }


@pytest.mark.parametrize(
    "damage",
    [
        ("ip", "link", "del", "wg0"),
        ("ip", "link", "set", "wg0", "down"),
        ("ip", "route", "flush", "dev", "wg0"),
        ("ip", "address", "flush", "dev", "wg0"),
        ("wg", "set", "wg0", "listen-port", "4444"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("number", [1, 2])
def test_damage_is_healed(cluster: list[Node], damage: tuple[str, ...], number: int) -> None:
    node, witness = cluster[number - 1], cluster[2]
    node.exec(*damage)
    wait_for(lambda: is_undamaged(node), seconds=HEALED)
    wait_for(lambda: is_whole(node) and is_whole(witness), seconds=HEALED)


def is_undamaged(node: Node) -> bool:
    """The interface is as the plan has it: up, one address, the route, the port."""
    interface = node.show()
    if interface is None or interface.port != 55820 or len(interface.peers) != 2:
        return False
    [shown] = json.loads(node.exec("ip", "-json", "address", "show", "dev", "wg0").stdout)
    addresses = [entry["local"] for entry in shown["addr_info"] if entry["family"] == "inet"]
    routes = node.exec("ip", "route", "show", "10.5.4.0/24", "dev", "wg0").stdout
    is_up = "UP" in shown["flags"]
    return is_up and addresses == [f"10.5.4.{node.number}"] and "src" in routes


@pytest.mark.parametrize("number", [1, 2])
def test_removed_and_altered_peers_are_healed(cluster: list[Node], number: int) -> None:
    node, other = cluster[number - 1], cluster[2 if number == 1 else 0]
    key = other.entry()["wireguard_key"]
    node.exec("wg", "set", "wg0", "peer", key, "remove")
    wait_for(lambda: is_undamaged(node), seconds=HEALED)
    node.exec("wg", "set", "wg0", "peer", key, "allowed-ips", "10.9.9.9/32")
    wait_for(lambda: "10.9.9.9/32" not in allowed(node), seconds=HEALED)
    stranger = node.exec("wg", "genkey").stdout
    public = node.exec("wg", "pubkey", stdin=stranger).stdout.strip()
    node.exec("wg", "set", "wg0", "peer", public, "allowed-ips", "10.5.4.200/32")
    wait_for(lambda: is_undamaged(node), seconds=HEALED)
    wait_for(lambda: is_whole(node), seconds=20)


def allowed(node: Node) -> list[str]:
    interface = node.show()
    return [text for peer in (interface.peers if interface else ()) for text in peer.allowed_ips]


@pytest.mark.parametrize("number", [1, 2])
def test_killed_wireguard_go_is_healed(cluster: list[Node], number: int) -> None:
    node, witness = cluster[number - 1], cluster[2]
    before = node.pids("wireguard-go")
    if not before:
        pytest.skip("this kernel has WireGuard: there is no wireguard-go to kill")
    node.exec("kill", "-9", *map(str, before))
    wait_for(lambda: node.pids("wireguard-go") not in ([], before), seconds=HEALED)
    wait_for(lambda: is_whole(node) and is_whole(witness), seconds=HEALED)


def test_mute_wireguard_go_is_replaced(cluster: list[Node]) -> None:
    node = cluster[1]
    if not node.pids("wireguard-go"):
        pytest.skip("this kernel has WireGuard")
    node.exec("rm", "/run/wireguard/wg0.sock")
    wait_for(lambda: is_undamaged(node), seconds=10)
    wait_for(lambda: is_whole(node), seconds=HEALED)


def test_link_cut_is_healed(cluster: list[Node]) -> None:
    node = cluster[1]
    node.cut_link()
    wait_for(lambda: not wireguard.reaches(node, "10.5.4.1"))
    node.heal_link()
    wait_for(lambda: is_whole(node), seconds=10)


def test_vpn_outlives_the_agent(cluster: list[Node]) -> None:
    node = cluster[1]
    before = node.pids("wireguard-go")
    assert node.stop_agent() < 2
    assert wireguard.reaches(node, "10.5.4.3")
    node.start_agent()
    assert node.pids("wireguard-go") == before
    status = node.agent.status()
    assert status["generation"] == 2
    wait_for(lambda: node.agent.status()["applied_generation"] == 2)


def test_keys_are_private_and_never_arguments(cluster: list[Node]) -> None:
    for node in cluster:
        files = list((node.state_dir / "node").glob("*.key"))
        assert len(files) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        secrets = [path.read_text().strip() for path in files]
        running = " ".join(map(arguments_of, namespaces.processes(node.namespace)))
        assert not any(secret in running for secret in secrets)


def test_private_key_is_no_argument_while_the_interface_is_made(cluster: list[Node]) -> None:
    """``wg`` and ``ip`` are found through wrappers that write down their arguments."""
    node = cluster[1]
    secret = (node.state_dir / "node" / "wireguard.key").read_text().strip()
    trace = node.directory / "trace"
    tools = write_wrappers(node.directory / "tools", trace=trace)
    node.stop_agent()
    node.exec("ip", "link", "del", "wg0")
    node.start_agent(tools=tools)
    wait_for(lambda: is_undamaged(node))
    arguments = trace.read_text()
    assert "private-key" in arguments
    assert secret not in arguments


def write_wrappers(directory: Path, *, trace: Path) -> Path:
    directory.mkdir()
    for tool in ("wg", "ip", "wireguard-go"):
        wrapper = directory / tool
        wrapper.write_text(f'#!/bin/sh\necho "$@" >>{trace}\nexec {shutil.which(tool)} "$@"\n')
        wrapper.chmod(0o755)
    return directory


def test_down_takes_interface_and_wireguard_go_away(cluster: list[Node]) -> None:
    node = cluster[2]
    node.stop_agent()
    node.exec("python", "-m", "nodes.agent", "down")
    assert node.show() is None
    assert node.pids("wireguard-go") == []
    node.start_agent()
    wait_for(lambda: is_whole(node), seconds=HEALED)


def test_leaving_takes_the_vpn_away(cluster: list[Node]) -> None:
    node = cluster[2]
    node.agent.leave(reason="enough", force=True)
    wait_for(lambda: node.show() is None, seconds=HEALED)
    assert node.pids("wireguard-go") == []
    assert node.agent.status()["vpn"]["state"] == "down"


def test_interface_of_something_else_is_left_alone(cluster: list[Node]) -> None:
    node = cluster[1]
    node.stop_agent()
    node.exec("python", "-m", "nodes.agent", "down")
    node.exec("ip", "tuntap", "add", "wg0", "mode", "tun")
    node.start_agent(is_good=False)
    assert node.agent.status()["vpn"]["state"] == "failed"
    assert "belongs to something else" in str(node.agent.status()["vpn"]["reason"])
    node.exec("ip", "tuntap", "del", "wg0", "mode", "tun")
    wait_for(lambda: is_undamaged(node), seconds=HEALED)


def test_without_wireguard_the_vpn_is_off_and_says_why(cluster: list[Node]) -> None:
    node = cluster[1]
    if not node.pids("wireguard-go"):
        pytest.skip("this kernel has WireGuard")
    node.stop_agent()
    node.exec("python", "-m", "nodes.agent", "down")
    node.exec("mount", "-t", "tmpfs", "tmpfs", "/dev/net")
    node.start_agent(is_good=False)
    status = node.agent.status()
    node.exec("umount", "/dev/net")
    assert status["vpn"]["state"] == "off"
    assert "/dev/net/tun" in str(status["vpn"]["reason"])
    assert status["applied_generation"] == status["generation"]
