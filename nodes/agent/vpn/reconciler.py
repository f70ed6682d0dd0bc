"""Makes the interface match the held state, and again whenever something was deleted, killed or
flushed.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from nodes.agent.machine import PeerStatus, VpnStatus
from nodes.agent.store import Holding
from nodes.agent.vpn.changes import interface_changes, peer_changes
from nodes.agent.vpn.dump import Actual
from nodes.agent.vpn.endpoints import Endpoints
from nodes.agent.vpn.liveness import Liveness
from nodes.agent.vpn.plan import Plan, make_plan
from nodes.agent.vpn.port import ForeignInterface, InterfacePort, NotPossible
from nodes.agent.vpn.resolver import Resolver
from nodes.agent.vpn.system import CommandFailed

logger = logging.getLogger(__name__)
RESOLVE_SECONDS = 0.5
"""How long a pass waits for the name server before it goes on without."""
SETTLING_SECONDS = 20.0
"""How long after a change a worker looks often, so as not to miss the hub's first handshake."""


@dataclass(frozen=True, slots=True)
class WireGuardKey:
    """Our key: the public half, and the file with the private one."""

    public: str
    file: str


class Reconciler:
    """One pass is ``run_once``; what it found is in ``status`` and ``applied``."""

    def __init__(
        self,
        interface: InterfacePort,
        *,
        key: Callable[[], WireGuardKey],
        holding: Callable[[], Holding],
        listen_port: int,
        on_answer: Callable[[], None],
    ) -> None:
        self.applied = (0, 0)
        """Term and generation that the machine matches (or need not, because the VPN is off)."""
        self._interface = interface
        self._key = key
        self._holding = holding
        self._listen_port = listen_port
        self._liveness = Liveness()
        self._resolver = Resolver(on_answer=on_answer)
        self._endpoints = Endpoints(self._resolver, self._liveness)
        self._passed = threading.Condition()
        self._plan: Plan | None = None
        self._actual: Actual | None = None
        self._changed_at = 0.0
        self._state, self._reason = "down", "This node belongs to no cluster."

    def run_once(self) -> None:
        """Compare, change what differs, and take note of what cannot be; safe to repeat and from
        any thread.
        """
        with self._passed:
            held = self._holding()
            try:
                self._enforce(held)
            except NotPossible as error:
                self._conclude("off", f"The VPN is off: {error}.", applied=held)
            except (CommandFailed, ForeignInterface) as error:
                self._conclude("failed", f"The VPN could not be set up: {error}.")
            self._passed.notify_all()

    def wait_applied(self, held: Holding, *, seconds: float) -> None:
        """Wait until a pass has applied this state, or could not, but not longer than
        ``seconds``.
        """
        wanted = _version(held)
        with self._passed:
            self._passed.wait_for(
                lambda: self.applied >= wanted or self._state == "failed", timeout=seconds
            )

    def wait_settled(self, *, seconds: float) -> None:
        """Wait for the first handshake with the hub, but not longer than ``seconds`` after the
        last change.
        """
        with self._passed:
            self._passed.wait_for(lambda: not self.is_settling(within=seconds), timeout=seconds)

    def differs(self) -> bool:
        """A cheap look: whether the next pass would find something to do."""
        held = self._holding()
        if held.state is not None and self.applied != _version(held):
            return True
        if self._state == "failed":
            return True
        if self._plan is None or self._state == "off":
            return False
        seen = self._interface.glance()
        return (
            seen is None
            or not seen.is_up
            or seen.address != self._plan.address
            or self._plan.address.network not in seen.networks
            or seen.forwards != self._plan.is_hub
        )

    def hub_is_alive(self) -> bool:
        """Whether the leader is heard through the VPN."""
        hub = self._hub_key()
        return self._state == "up" and hub is not None and self._liveness.is_alive(hub)

    def is_settling(self, *, within: float = SETTLING_SECONDS) -> bool:
        """Whether a worker still waits for its first handshake with the hub, ``within`` seconds
        of a change.
        """
        recent = time.monotonic() - self._changed_at < within
        return recent and self._hub_key() is not None and not self.hub_is_alive()

    def status(self) -> VpnStatus:
        """What people and the leader see."""
        return {
            "state": self._state,
            "reason": self._reason or None,
            "interface": self._interface.name,
            "peers": self._peers() if self._state == "up" else [],
        }

    def take_down(self) -> None:
        """Remove the interface, if it is ours; raises CommandFailed."""
        with self._passed:
            if self._interface.glance() is not None and self._is_ours():
                self._interface.remove()
                logger.info("vpn_removed")
            self._plan = self._actual = None

    def _enforce(self, held: Holding) -> None:
        self._interface.check_possible()
        node_id, state = held.record.own_id, held.state
        if node_id is None:
            self.take_down()
            self._conclude("down", "This node belongs to no cluster.", applied=held)
            return
        if state is None:
            return  # the file was lost: all stays as it is until the leader sends the state again
        plan = make_plan(state, node_id=node_id, listen_port=self._listen_port)
        if plan is None:
            self.take_down()
            self._conclude("down", "The cluster has no place for this node.", applied=held)
            return
        self._apply(plan)
        self._conclude("up", "", applied=held)

    def _apply(self, plan: Plan) -> None:
        actual = self._ensure_interface()
        self._liveness.observe(actual)
        key = self._key()
        changes = interface_changes(plan, actual, public_key=key.public, key_file=key.file)
        changes += self._peer_changes(plan, actual)
        if changes:
            self._interface.configure(changes)
            logger.info("vpn_configured", extra={"generation": plan.generation})
        self._endpoints.remember(plan)
        is_whole = self._ensure_network(plan)
        if changes or not is_whole or plan != self._plan:
            self._changed_at = time.monotonic()
            actual = self._interface.dump()
        self._plan, self._actual = plan, actual

    def _ensure_interface(self) -> Actual:
        if self._interface.glance() is None:
            self._interface.create()
        try:
            actual = self._interface.dump()
        except CommandFailed as error:
            if not self._interface.is_carried_by_us():
                raise self._foreign() from error
            self._interface.remove()
            self._interface.create()
            actual = self._interface.dump()
        if actual.public_key not in ("", self._key().public):
            raise self._foreign()
        return actual

    def _foreign(self) -> ForeignInterface:
        name = self._interface.name
        return ForeignInterface(f"the interface {name} exists and belongs to something else")

    def _peer_changes(self, plan: Plan, actual: Actual) -> list[str]:
        """Twice, so that a name that is asked for now is used now, if its answer comes at once."""
        for peer in plan.peers:
            self._endpoints.choose(peer, actual.peers.get(peer.public_key))
        self._resolver.settle(seconds=RESOLVE_SECONDS)
        return peer_changes(plan, actual, endpoint_for=self._endpoints.choose)

    def _ensure_network(self, plan: Plan) -> bool:
        """Address, route and forwarding; says whether they were whole already."""
        seen = self._interface.glance()
        whole_address = (
            seen is not None
            and seen.is_up
            and seen.address == plan.address
            and plan.address.network in seen.networks
        )
        if not whole_address:
            self._interface.ensure_address(plan.address)
        if seen is None or seen.forwards != plan.is_hub:
            self._interface.ensure_forwarding(enabled=plan.is_hub)
        return whole_address

    def _is_ours(self) -> bool:
        try:
            return self._interface.dump().public_key == self._key().public
        except CommandFailed:
            return self._interface.is_carried_by_us()

    def _conclude(self, state: str, reason: str, *, applied: Holding | None = None) -> None:
        if (state, reason) != (self._state, self._reason):
            logger.info("vpn_state", extra={"state": state, "reason": reason or None})
        self._state, self._reason = state, reason
        if applied is not None:
            self.applied = _version(applied)

    def _hub_key(self) -> str | None:
        plan = self._plan
        if plan is None or plan.is_hub:
            return None
        return next(peer.public_key for peer in plan.peers if peer.node_id == plan.hub_id)

    def _peers(self) -> list[PeerStatus]:
        if self._plan is None or self._actual is None:
            return []
        known = self._actual.peers
        return [
            PeerStatus(
                node_id=peer.node_id,
                endpoint=known[peer.public_key].endpoint,
                last_handshake=known[peer.public_key].last_handshake,
                received=known[peer.public_key].received,
                sent=known[peer.public_key].sent,
            )
            for peer in self._plan.peers
            if peer.public_key in known
        ]


def _version(held: Holding) -> tuple[int, int]:
    """Term and generation of the state that is held; (0, 0) for none."""
    return (held.state.term, held.state.generation) if held.state else (0, 0)
