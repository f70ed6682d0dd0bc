"""Machines that run nothing but the agent, and what can be seen of them."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.local_agent import SocketAgent
from tests.lab import namespaces, wireguard
from tests.lab.machine import Machine
from tests.nodes.agent.documents import FINGERPRINT, make_node

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


@contextmanager
def running_machines(lab: str, *, count: int = 3) -> Iterator[list[Node]]:
    """Machines on one switch, each with its agent running."""
    directory = Path(tempfile.mkdtemp(prefix="agt"))
    numbers = range(1, count + 1)
    nodes = [
        Node(lab, f"node{number}", f"192.0.2.{number}", directory / str(number), number)
        for number in numbers
    ]
    hosts = "".join(f"192.0.2.{number} node{number}.lab.test\n" for number in numbers)
    try:
        namespaces.add_switch(lab)
        for node in nodes:
            node.state_dir.mkdir(parents=True)
            (node.directory / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
            node.boot()
            node.start_agent()
        yield nodes
    finally:
        for namespace in namespaces.named(lab):
            namespaces.kill_all(namespace)
            namespaces.delete(namespace)
        shutil.rmtree(directory)


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


def has_handshake(node: Node, other: Node) -> bool:
    interface = node.show()
    peer = interface.peer(other.entry()["wireguard_key"]) if interface else None
    return peer is not None and peer.is_fresh


def is_whole(node: Node) -> bool:
    """Interface, address, route, and traffic to the hub and through it."""
    others = [number for number in (1, 2, 3) if number != node.number]
    return all(wireguard.reaches(node, f"10.5.4.{number}") for number in others)


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


def allowed(node: Node) -> list[str]:
    interface = node.show()
    return [text for peer in (interface.peers if interface else ()) for text in peer.allowed_ips]


def pin(entry: Mapping[str, Any]) -> dict[str, str]:
    return {
        "identity_key": entry["identity_key"],
        "tls_fingerprint": FINGERPRINT,
        "console_url": entry["console_url"],
    }


def write_wrappers(directory: Path, *, trace: Path) -> Path:
    directory.mkdir()
    for tool in ("wg", "ip", "wireguard-go"):
        wrapper = directory / tool
        wrapper.write_text(f'#!/bin/sh\necho "$@" >>{trace}\nexec {shutil.which(tool)} "$@"\n')
        wrapper.chmod(0o755)
    return directory
