"""State documents for the agent's tests: the smallest valid ones, every value open to change."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from nodes.agent import signing

CLUSTER = "7a8b2e2c-6f1c-4c7e-9d55-2f6f0f7a1c11"
FOREIGN_CLUSTER = str(uuid.UUID(int=1))
RECOVERY_KEY = signing.new_key()
FINGERPRINT = hashlib.sha256(b"a certificate").hexdigest()


def make_node(number: int, keys: Mapping[str, str], **changes: Any) -> dict[str, Any]:
    """One entry of ``nodes``; ``keys`` are the node's own, as its agent tells them."""
    return {
        "id": number,
        "fqdn": f"node{number}.example.org",
        "label": "",
        "vpn_address": f"10.5.4.{number}",
        "endpoint": f"192.0.2.{number}:55820",
        "console_url": f"https://192.0.2.{number}:8443",
        "tls_fingerprint": FINGERPRINT,
        "eligible": True,
        "status": "active",
        **keys,
        **changes,
    }


def make_document(*nodes: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Generation 1 of term 1, led by node 1."""
    return {
        "schema": 1,
        "cluster": make_cluster(),
        "term": 1,
        "generation": 1,
        "leader": 1,
        "issued_at": "2026-11-22T10:00:00Z",
        "nodes": list(nodes),
        "routes": [],
        "handover": None,
        "sealed": None,
        **changes,
    }


def make_cluster(**changes: Any) -> dict[str, Any]:
    """The member ``cluster``."""
    return {
        "uuid": CLUSTER,
        "label": "example",
        "vpn_network": "10.5.4.0/24",
        "max_nodes": 4,
        "recovery_key": signing.public_text(RECOVERY_KEY),
        **changes,
    }
