"""The agent on real machines: network namespaces, WireGuard, and everything that can be broken in
them.
"""

import stat
from collections.abc import Iterator

import pytest

from tests.lab import namespaces, wireguard
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.machines import (
    HEALED,
    LAB,
    Node,
    allowed,
    arguments_of,
    has_handshake,
    is_undamaged,
    is_whole,
    pin,
    running_machines,
    wait_for,
    write_wrappers,
)

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def machines() -> Iterator[list[Node]]:
    """Three machines on one switch, each with its agent running."""
    with running_machines(LAB) as nodes:
        yield nodes


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
    wait_for(lambda: node.agent.status()["vpn"]["state"] == "down", seconds=HEALED)


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
