"""What a node says of itself, and what pages make of it."""

from typing import Any

FACTS = {
    "kernel": "6.1.0-27-amd64",
    "architecture": "x86_64",
    "addresses": ["192.0.2.12"],
    "booted_at": 1_790_000_000,
    "cpus": 4,
    "load": [1.2, 1.0, 0.8],
    "memory": {"total_mib": 16_000, "used_percent": 50},
    "disks": [{"path": "/srv", "total_mib": 1_024_000, "used_percent": 94}],
}


def health(*peers: dict[str, Any], state: str = "up", reason: str | None = None) -> dict[str, Any]:
    vpn = {"state": state, "reason": reason, "peers": list(peers)}
    return {"vpn": vpn, "refused_state": None, "clock_offset": 0.0}
