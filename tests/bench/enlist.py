"""Nodes without machines, written into the leader's database: run on the leader.

``python -m tests.bench.enlist COUNT`` adds so many active nodes with keys of their own, and prints
what is needed to speak for them. No new generation is made: nobody's VPN shall look for them.
"""

import itertools
import json
import secrets
import sys
from ipaddress import IPv4Network
from typing import Any

import django
from django.conf import settings
from django.db import transaction

from nodes.agent import signing


def enlist(count: int) -> dict[str, Any]:
    """Add the rows; returns what a generator of load is told."""
    from cluster.models import Cluster
    from nodes.models import Contact, Node

    keys = [signing.new_key() for _ in range(count)]
    with transaction.atomic():
        cluster = Cluster.objects.select_for_update().get()
        first = cluster.next_node_id
        hosts = itertools.islice(IPv4Network(cluster.vpn_network).hosts(), first, None)
        nodes = Node.objects.bulk_create(
            Node(
                id=number,
                state=Node.State.ACTIVE,
                fqdn=f"simulated{number}.lab.test",
                vpn_address=str(address),
                endpoint=f"simulated{number}.lab.test:55820",
                console_url=f"https://simulated{number}.lab.test:8443",
                wireguard_key=secrets.token_urlsafe(32),
                identity_key=signing.public_text(key),
                sealing_key=f"age1{secrets.token_hex(29)}",
                tls_fingerprint=secrets.token_hex(32),
            )
            for number, key, address in zip(itertools.count(first), keys, hosts, strict=False)
        )
        Contact.objects.bulk_create(Contact(node=node) for node in nodes)
        Cluster.objects.update(next_node_id=first + count)
    return {
        "cluster": str(cluster.uuid),
        "term": cluster.term,
        "generation": cluster.generation,
        "hold": settings.AGENT_HOLD_SECONDS,
        "keys": {node.pk: signing.private_text(key) for node, key in zip(nodes, keys, strict=True)},
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(enlist(int(sys.argv[1]))))
