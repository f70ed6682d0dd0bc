"""The VPN's network: private IPv4, no host bits, with room, clear of the machine's own networks."""

from ipaddress import IPv4Network

import pytest

from cluster.errors import (
    NotAPrivateNetwork,
    VpnNetworkInvalid,
    VpnNetworkOverlaps,
    VpnNetworkTooSmall,
)
from cluster.networks import check_overlap, lowest_free_address, parse_vpn_network, room_of


@pytest.mark.parametrize(
    "text", ["10.5.4.0/24", "10.0.0.0/8", "172.16.0.0/12", "172.31.255.0/29", "192.168.7.0/24"]
)
def test_private_network_is_taken(text: str) -> None:
    assert parse_vpn_network(text, max_nodes=4) == IPv4Network(text)


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.0/24",
        "172.32.0.0/24",
        "100.64.0.0/24",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "0.0.0.0/0",
        "10.0.0.0/7",
        "224.0.0.0/8",
    ],
)
def test_other_network_is_not_private(text: str) -> None:
    with pytest.raises((NotAPrivateNetwork, VpnNetworkInvalid)) as caught:
        parse_vpn_network(text, max_nodes=4)

    assert caught.value.field == "vpn_network"


def test_public_network_has_the_code_that_administrators_know() -> None:
    with pytest.raises(NotAPrivateNetwork) as caught:
        parse_vpn_network("8.8.8.0/24", max_nodes=4)

    assert caught.value.code == "not_a_private_network"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.5.4.0",
        "10.5.4.0/",
        "10.5.4.0/33",
        "10.5.4.0/-1",
        "10.5.4.0/255.255.255.0",
        "10.5.4/24",
        "10.5.4.1/24",
        "fd00::/64",
        "10.5.4.0/24\n",
        "10.5.4.0/24;id",
        "10.5.4.0/٢٤",
        "all",
    ],
)
def test_what_is_no_network_is_a_field_error(text: str) -> None:
    with pytest.raises(VpnNetworkInvalid) as caught:
        parse_vpn_network(text, max_nodes=4)

    assert caught.value.field == "vpn_network"


def test_host_bits_are_named_with_the_network_that_was_meant() -> None:
    with pytest.raises(VpnNetworkInvalid, match=r"inside 10\.5\.4\.0/24"):
        parse_vpn_network("10.5.4.7/24", max_nodes=4)


def test_ipv6_is_refused_by_name() -> None:
    with pytest.raises(VpnNetworkInvalid, match="IPv6"):
        parse_vpn_network("fd00::/64", max_nodes=4)


@pytest.mark.parametrize(
    ("text", "room"),
    [("10.5.4.0/29", 6), ("10.5.4.0/30", 2), ("10.5.4.0/31", 0), ("10.5.4.0/32", 0)],
)
def test_room_leaves_out_the_network_and_broadcast_addresses(text: str, room: int) -> None:
    assert room_of(IPv4Network(text)) == room


def test_network_needs_room_for_all_nodes() -> None:
    with pytest.raises(VpnNetworkTooSmall) as caught:
        parse_vpn_network("10.5.4.0/29", max_nodes=7)

    assert (caught.value.code, caught.value.field) == ("vpn_network_too_small", "vpn_network")


@pytest.mark.parametrize("own", ["10.5.4.0/24", "10.5.0.0/16", "10.5.4.128/25", "10.5.4.9/32"])
def test_overlap_with_the_machines_own_network_is_refused(own: str) -> None:
    with pytest.raises(VpnNetworkOverlaps) as caught:
        check_overlap(IPv4Network("10.5.4.0/24"), ["192.0.2.0/24", own], owner="this machine")

    assert (caught.value.code, caught.value.field) == ("vpn_network_overlaps", "vpn_network")


def test_networks_beside_it_are_no_overlap() -> None:
    check_overlap(
        IPv4Network("10.5.4.0/24"), ["10.5.3.0/24", "10.5.5.0/24", "fd00::/8"], owner="this machine"
    )


def test_lowest_free_address_fills_the_first_gap() -> None:
    network = IPv4Network("10.5.4.0/24")

    assert lowest_free_address(network, taken=["10.5.4.1", "10.5.4.3"]) == "10.5.4.2"
