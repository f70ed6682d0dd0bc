"""Makes the interface match the held state, and again whenever something was lost."""

import logging
import threading
import time
from collections.abc import Callable

from nodes.agent.machine import PeerStatus, VpnStatus
from nodes.agent.store import Holding
from nodes.agent.vpn.dump import Actual
from nodes.agent.vpn.enforcer import Enforcer, WireGuardKey
from nodes.agent.vpn.liveness import Liveness
from nodes.agent.vpn.place import NO_CLUSTER, find_obstacle
from nodes.agent.vpn.plan import Plan, make_plan
from nodes.agent.vpn.port import ForeignInterface, InterfacePort, NotPossible
from nodes.agent.vpn.system import CommandFailed

logger = logging.getLogger(__name__)
SETTLING_SECONDS = 20.0
"""How long after a change a worker looks often, so as not to miss the hub's first handshake."""


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
        self._holding = holding
        self._listen_port = listen_port
        self._liveness = Liveness()
        self._enforcer = Enforcer(interface, key=key, liveness=self._liveness, on_answer=on_answer)
        self._passed = threading.Condition()
        self._plan: Plan | None = None
        self._actual: Actual | None = None
        self._changed_at = float("-inf")
        self._state, self._reason = "down", NO_CLUSTER

    def run_once(self) -> None:
        """Compare, change what differs, and take note of what cannot be.

        Safe to repeat, and to call from any thread.
        """
        with self._passed:
            held = self._holding()
            try:
                self._reconcile(held)
            except NotPossible as error:
                self._conclude("off", f"The VPN is off: {error}.", applied=held)
            except (CommandFailed, ForeignInterface, OSError) as error:
                self._conclude("failed", f"The VPN could not be set up: {error}.")
            self._passed.notify_all()

    def take_down(self) -> None:
        """Remove the interface, if it is ours; raises CommandFailed."""
        with self._passed:
            self._enforcer.take_down()
            self._plan = self._actual = None

    def wait_applied(self, held: Holding, *, seconds: float) -> None:
        """Wait until a pass has applied this state, or could not, or ``seconds`` are over."""
        wanted = _version(held)
        with self._passed:
            self._passed.wait_for(
                lambda: self.applied >= wanted or self._state == "failed", timeout=seconds
            )

    def wait_settled(self, *, seconds: float) -> None:
        """Wait for the hub's first handshake, at most until ``seconds`` after the last change."""
        with self._passed:
            self._passed.wait_for(lambda: not self.is_settling(within=seconds), timeout=seconds)

    def use(self, look: Callable[[InterfacePort, Plan], Actual]) -> Actual | None:
        """Run ``look`` between two passes, on the interface as planned; None while it is not up.

        Raises what ``look`` raises.
        """
        with self._passed:
            if self._state != "up" or self._plan is None:
                return None
            self._actual = look(self._interface, self._plan)
            self._liveness.observe(self._actual)
            return self._actual

    def differs(self) -> bool:
        """A cheap look: whether the next pass would find something to do."""
        held = self._holding()
        if held.state is not None and self.applied != _version(held):
            return True
        if self._state == "failed":
            return True
        plan = self._plan
        return self._state == "up" and plan is not None and not self._enforcer.is_whole(plan)

    def hub_is_alive(self) -> bool:
        """Whether the leader is heard through the VPN."""
        hub = self._hub_key()
        return self._state == "up" and hub is not None and self._liveness.is_alive(hub)

    def is_settling(self, *, within: float = SETTLING_SECONDS) -> bool:
        """Whether a worker, ``within`` seconds of a change, still waits for its hub."""
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

    def _reconcile(self, held: Holding) -> None:
        self._interface.check_possible()
        node_id, state, obstacle = held.record.own_id, held.state, find_obstacle(held)
        if obstacle or node_id is None:
            self.take_down()
            self._conclude("down", obstacle or NO_CLUSTER, applied=held)
            return
        if state is None:
            return  # the file was lost: all stays as it is until the leader sends the state again
        plan = make_plan(state, node_id=node_id, listen_port=self._listen_port)
        if plan is None:
            self.take_down()
            self._conclude("down", "The cluster has no place for this node.", applied=held)
            return
        self._actual, is_changed = self._enforcer.apply(plan)
        if is_changed or plan != self._plan:
            self._changed_at = time.monotonic()
        self._plan = plan
        self._conclude("up", "", applied=held)

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
        pairs = [(peer, self._actual.peers.get(peer.public_key)) for peer in self._plan.peers]
        return [
            PeerStatus(
                node_id=planned.node_id,
                endpoint=actual.endpoint,
                last_handshake=actual.last_handshake,
                received=actual.received,
                sent=actual.sent,
            )
            for planned, actual in pairs
            if actual is not None
        ]


def _version(held: Holding) -> tuple[int, int]:
    """Term and generation of the state that is held; (0, 0) for none."""
    return (held.state.term, held.state.generation) if held.state else (0, 0)
