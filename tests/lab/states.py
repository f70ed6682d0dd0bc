"""The state that a host holds, read from its disk."""

from typing import Any

from nodes.agent import document, sealing
from nodes.agent.errors import SealError
from nodes.agent.keys import Keys
from tests.lab.host import Host, expect


def held(host: Host) -> dict[str, Any]:
    """The document; empty where there is none."""
    path = host.state_dir / "node" / "state.jws"
    return dict(document.read_unverified(path.read_text())) if path.exists() else {}


def position(host: Host) -> tuple[int, int]:
    """Term and generation."""
    found = held(host)
    return int(found.get("term", 0)), int(found.get("generation", 0))


def opens(host: Host) -> bool:
    """Whether the host's own key opens the sealed part of the state that it holds."""
    identity = str(Keys(host.state_dir / "node").sealing)
    try:
        return bool(sealing.open_sealed(held(host)["sealed"], identity=identity))
    except SealError:
        return False


def has_caught_up(host: Host, leader: Host) -> bool:
    """Whether a host holds the newest that the leader has acknowledged."""
    newest = expect(leader.api("GET", "cluster/"), 200).body
    return position(host) >= (newest["term"], newest["generation"])
