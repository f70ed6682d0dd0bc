"""What a node loses it gets back by itself within 10 s of the cause's end."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import membership, namespaces, wireguard
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.waiting import NeverHappened, eventually

pytestmark = pytest.mark.lab

WITHIN = 10
CUT_SECONDS = 60 if os.environ.get("FLOTILLA_FAULTS") == "all" else 15
"""``make faults`` cuts for the whole minute."""


def delete_interface(host: Host) -> None:
    """As an administrator's slip would."""
    host.exec("ip", "link", "delete", "wg0")


def kill_wireguard(host: Host) -> None:
    """As the kernel would, out of memory: its interface goes with it."""
    daemons = [pid for pid in namespaces.processes(host.namespace) if is_wireguard(pid)]
    for pid in daemons:
        os.kill(pid, signal.SIGKILL)
    if not daemons:  # the kernel's own WireGuard has no process to kill
        delete_interface(host)


def is_wireguard(pid: int) -> bool:
    """Whether a process is the userspace WireGuard."""
    return Path(f"/proc/{pid}/comm").read_text().strip() == "wireguard-go"


def flush_routes(host: Host) -> None:
    """As a network script would."""
    host.exec("ip", "route", "flush", "dev", "wg0")
    host.exec("ip", "address", "flush", "dev", "wg0")


def forbid_forwarding(host: Host) -> None:
    """As a firewall's restart would."""
    host.exec("sysctl", "-qw", "net.ipv4.ip_forward=0", "net.ipv4.conf.wg0.forwarding=0")


def cut_the_link(host: Host) -> None:
    """As a switch without power would."""
    host.cut_link()
    time.sleep(CUT_SECONDS)
    host.heal_link()


def restart(host: Host) -> None:
    """As a power cut would, which is over when the machine has started."""
    host.power_cycle()


def is_whole(lab: Lab) -> bool:
    """Whether workers reach each other through the hub, and all are online."""
    try:
        addresses = {node["fqdn"]: node["vpn_address"] for node in membership.nodes(lab.hosts[0])}
        online = {
            node["fqdn"] for node in membership.nodes(lab.hosts[0]) if node["status"] == "online"
        }
    except (OSError, AssertionError):
        return False
    target = addresses[lab.host("node3").fqdn]
    return {host.fqdn for host in lab.hosts[:4]} <= online and wireguard.reaches(
        lab.host("node2"), target
    )


@pytest.mark.parametrize("victim", ["node1", "node2"])
@pytest.mark.parametrize(
    "damage",
    [
        delete_interface,
        kill_wireguard,
        flush_routes,
        forbid_forwarding,
        restart,
        pytest.param(cut_the_link, marks=pytest.mark.faults),
    ],
)
def test_a_node_heals_by_itself(lab: Lab, victim: str, damage: Callable[[Host], None]) -> None:
    """Leader (node1) and worker (node2) alike; nobody calls ``apply-vpn-routes``."""
    eventually(lambda: is_whole(lab), within=20)
    damage(lab.host(victim))
    ended = time.monotonic()
    eventually(lambda: is_whole(lab), within=WITHIN)
    if time.monotonic() - ended > WITHIN:
        raise NeverHappened(f"healed after {time.monotonic() - ended:.1f} s only")
