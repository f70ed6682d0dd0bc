"""One pass over the interface: what differs from the plan is changed, and nothing else is
touched.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from nodes.agent.vpn.changes import interface_changes, peer_changes
from nodes.agent.vpn.dump import Actual
from nodes.agent.vpn.endpoints import Endpoints
from nodes.agent.vpn.glance import Glance
from nodes.agent.vpn.liveness import Liveness
from nodes.agent.vpn.plan import Plan
from nodes.agent.vpn.port import ForeignInterface, InterfacePort
from nodes.agent.vpn.resolver import Resolver
from nodes.agent.vpn.system import CommandFailed

logger = logging.getLogger(__name__)
RESOLVE_SECONDS = 0.5
"""How long a pass waits for the name server before it goes on without."""


@dataclass(frozen=True, slots=True)
class WireGuardKey:
    """Our key: the public half, and the file with the private one."""

    public: str
    file: str


class Enforcer:
    """Brings the interface to the plan; every call is safe to repeat."""

    def __init__(
        self,
        interface: InterfacePort,
        *,
        key: Callable[[], WireGuardKey],
        liveness: Liveness,
        on_answer: Callable[[], None],
    ) -> None:
        self._interface = interface
        self._key = key
        self._liveness = liveness
        self._resolver = Resolver(on_answer=on_answer)
        self._endpoints = Endpoints(self._resolver, liveness)

    def apply(self, plan: Plan) -> tuple[Actual, bool]:
        """What the interface is now, and whether something had to be changed for it.

        Raises NotPossible, ForeignInterface or CommandFailed.
        """
        actual = self._ensure_interface()
        self._liveness.observe(actual)
        key = self._key()
        changes = interface_changes(plan, actual, public_key=key.public, key_file=key.file)
        changes += self._peer_changes(plan, actual)
        if changes:
            self._interface.configure(changes)
            logger.info("vpn_configured", extra={"generation": plan.generation})
        self._endpoints.remember(plan)
        is_changed = self._ensure_network(plan) or bool(changes)
        return (self._interface.dump() if is_changed else actual), is_changed

    def is_whole(self, plan: Plan) -> bool:
        """A cheap look: whether all that can be seen without asking WireGuard is as planned."""
        seen = self._interface.glance()
        return _is_routed(seen, plan) and seen is not None and seen.forwards == plan.is_hub

    def take_down(self) -> None:
        """Remove the interface, if it is ours; raises CommandFailed."""
        if self._interface.glance() is not None and self._is_ours():
            self._interface.remove()
            logger.info("vpn_removed")

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

    def _peer_changes(self, plan: Plan, actual: Actual) -> list[str]:
        """Twice, so that a name that is asked for now is used now, if its answer comes at once."""
        for peer in plan.peers:
            self._endpoints.choose(peer, actual.peers.get(peer.public_key))
        self._resolver.settle(seconds=RESOLVE_SECONDS)
        return peer_changes(plan, actual, endpoint_for=self._endpoints.choose)

    def _ensure_network(self, plan: Plan) -> bool:
        """Address, route and forwarding; says whether one had to be changed."""
        if self.is_whole(plan):
            return False
        if not _is_routed(self._interface.glance(), plan):
            self._interface.ensure_address(plan.address)
        self._interface.ensure_forwarding(enabled=plan.is_hub)
        return True

    def _foreign(self) -> ForeignInterface:
        name = self._interface.name
        return ForeignInterface(f"the interface {name} exists and belongs to something else")

    def _is_ours(self) -> bool:
        try:
            return self._interface.dump().public_key == self._key().public
        except CommandFailed:
            return self._interface.is_carried_by_us()


def _is_routed(seen: Glance | None, plan: Plan) -> bool:
    return (
        seen is not None
        and seen.is_up
        and seen.address == plan.address
        and plan.address.network in seen.networks
    )
