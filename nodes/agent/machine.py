"""What the agent's calls need of the machine beneath: implemented by the daemon, and by the
tests' fake.
"""

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict


class PeerStatus(TypedDict):
    """One peer as WireGuard knows it; ``last_handshake`` in seconds since 1970, 0 for never."""

    node_id: int
    endpoint: str
    last_handshake: int
    received: int
    sent: int


class VpnStatus(TypedDict):
    """``up``, ``down`` (no cluster), ``off`` (this machine cannot) or ``failed`` (tried; the
    reason says why).
    """

    state: str
    reason: str | None
    interface: str
    peers: list[PeerStatus]


class Machine(Protocol):
    """The machine, as it is now."""

    @property
    def applied_generation(self) -> int: ...

    @property
    def last_sync(self) -> dict[str, Any] | None: ...

    @property
    def distribution(self) -> str: ...

    def vpn(self) -> VpnStatus: ...

    def networks(self) -> Sequence[str]: ...

    def reconcile(self) -> None:
        """Make the machine match the held state now; safe to repeat."""
        ...
