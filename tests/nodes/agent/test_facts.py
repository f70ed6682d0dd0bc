"""Facts: read from the kernel's own files, and sampled seldom."""

import socket
import subprocess
from pathlib import Path

import pytest

from nodes.agent import facts
from nodes.agent.facts import Facts
from nodes.agent.vpn import glance
from tests.nodes.agent.clock import Clock

FIB_TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.1
           /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
Local:
        |-- 192.0.2.1
           /32 host LOCAL
"""
IF_INET6 = """00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000001 02 40 00 80     eth0
fe80000000000000020000fffe000001 02 40 20 80     eth0
"""
ROUTE = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
wg0\t0004050A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""


def test_addresses_are_without_loopback_and_link_local(tmp_path: Path) -> None:
    (tmp_path / "4").write_text(FIB_TRIE)
    (tmp_path / "6").write_text(IF_INET6)
    found = facts.read_addresses(tmp_path / "4", tmp_path / "6")
    assert found == ["192.0.2.1", "2001:db8::1"]


def test_machine_without_ipv6_has_addresses_too(tmp_path: Path) -> None:
    (tmp_path / "4").write_text(FIB_TRIE)
    assert facts.read_addresses(tmp_path / "4", tmp_path / "6") == ["192.0.2.1"]


def test_networks_are_without_the_vpn_and_the_default_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = tmp_path / "route"
    routes.write_text(ROUTE)
    monkeypatch.setattr(glance, "ROUTES", routes)
    assert Facts(fqdn="x", vpn_interface="wg0").networks() == ["192.0.2.0/24"]


def test_distribution_is_id_and_version(tmp_path: Path) -> None:
    """S8 compares it."""
    path = tmp_path / "os-release"
    path.write_text('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n# x\n')
    assert facts.read_distribution(path) == "debian 12"


def test_rolling_distribution_has_no_version(tmp_path: Path) -> None:
    path = tmp_path / "os-release"
    path.write_text("ID=arch\n")
    assert facts.read_distribution(path) == "arch"


def test_machine_that_does_not_say_is_unknown(tmp_path: Path) -> None:
    assert facts.read_distribution(tmp_path / "none") == "unknown"


def test_memory_is_total_and_percentage(tmp_path: Path) -> None:
    path = tmp_path / "meminfo"
    path.write_text("MemTotal:  2048000 kB\nMemFree: 1 kB\nMemAvailable: 1024000 kB\n")
    assert facts.read_memory(path) == {"total_mib": 2000, "used_percent": 50}


def test_disks_are_block_devices_once_and_the_root(tmp_path: Path) -> None:
    data, again = tmp_path / "data", tmp_path / "again"
    data.mkdir()
    again.mkdir()
    path = tmp_path / "mounts"
    path.write_text(f"/dev/sdb1 {data} ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/sdb1 {again} x\n")
    assert [disk["path"] for disk in facts.read_disks(path)] == ["/", str(data)]


def test_disk_is_as_full_as_df_says(tmp_path: Path) -> None:
    """What is reserved for root is neither in use nor to be had; POSIX rounds up."""
    (tmp_path / "mounts").write_text("/dev/vda / ext4 rw 0 0\n")

    disk = facts.read_disks(tmp_path / "mounts")[0]

    said = subprocess.run(["df", "--output=pcent", "/"], capture_output=True, text=True, check=True)
    assert abs(disk["used_percent"] - int(said.stdout.split()[-1].rstrip("%"))) <= 1


def test_boot_time_does_not_move() -> None:
    """Uptime would make each sample a new one."""
    assert facts.read_boot_time() == facts.read_boot_time()


def test_sample_is_kept_for_a_while() -> None:
    clock = Clock()
    own = Facts(fqdn="x", vpn_interface="wg0", monotonic=clock)
    first = own.sample()
    clock.now += 10
    assert own.sample() is first
    clock.now += 10
    assert own.sample() is not first


def test_fresh_sample_may_be_asked_for() -> None:
    own = Facts(fqdn="x", vpn_interface="wg0", monotonic=Clock())
    assert own.sample() is not own.sample(fresh=True)


def test_sample_names_what_the_console_shows() -> None:
    sample = Facts(fqdn="node1.example.org", vpn_interface="wg0").sample()
    assert sample.facts["fqdn"] == "node1.example.org"
    assert set(sample.facts) >= {
        *("version", "distribution", "kernel", "architecture", "addresses", "networks"),
        *("booted_at", "cpus", "load", "memory", "disks"),
    }
    assert len(sample.digest) == 64


def test_glance_at_loopback() -> None:
    seen = glance.glance("lo")
    assert seen is not None
    assert seen.index == socket.if_nametoindex("lo")
    assert str(seen.address) == "127.0.0.1/8"


def test_glance_at_nothing() -> None:
    assert glance.glance("nothing0") is None
