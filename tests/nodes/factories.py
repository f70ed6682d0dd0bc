"""Nodes in the database."""

from nodes.models import Node


def make_node(number: int = 1, **values: object) -> Node:
    unique = {
        "id": number,
        "fqdn": f"node{number}.example.org",
        "vpn_address": f"10.5.4.{number}",
        "identity_key": f"identity{number}",
        "wireguard_key": f"wireguard{number}",
    }
    return Node.objects.create(**(unique | values))
