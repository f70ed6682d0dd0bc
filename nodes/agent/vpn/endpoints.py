"""Which endpoint to give a peer: the state's, unless the peer has moved and is heard from where
it is now.
"""

from nodes.agent.vpn.dump import ActualPeer
from nodes.agent.vpn.liveness import Liveness
from nodes.agent.vpn.plan import Plan, PlannedPeer
from nodes.agent.vpn.resolver import Resolver


class Endpoints:
    """Decides peer by peer, and asks for an address only where one is needed."""

    def __init__(self, resolver: Resolver, liveness: Liveness) -> None:
        self._resolver = resolver
        self._liveness = liveness
        self._named: dict[str, str] = {}

    def choose(self, peer: PlannedPeer, now: ActualPeer | None) -> str | None:
        """The endpoint to set, or None to leave it."""
        if not peer.endpoint or not self._is_needed(peer, now):
            return None
        address = self._resolver.endpoint(peer.endpoint)
        return address if address and (now is None or now.endpoint != address) else None

    def remember(self, plan: Plan) -> None:
        """The plan is applied: its names are what the peers were given."""
        self._named = {peer.public_key: peer.endpoint for peer in plan.peers}

    def _is_needed(self, peer: PlannedPeer, now: ActualPeer | None) -> bool:
        if now is None or not now.endpoint:
            return True
        if self._named.get(peer.public_key, peer.endpoint) != peer.endpoint:
            return True
        return not self._liveness.is_alive(peer.public_key)
