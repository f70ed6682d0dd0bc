"""What the reconciler needs of the system beneath; every call is safe to repeat."""

from ipaddress import IPv4Interface
from typing import Protocol

from nodes.agent.vpn.dump import Actual
from nodes.agent.vpn.glance import Glance


class NotPossible(Exception):
    """This machine cannot have the VPN; the text says why, for people."""


class ForeignInterface(Exception):
    """An interface of our name belongs to something else."""


class InterfacePort(Protocol):
    """One WireGuard interface. Calls that change something raise CommandFailed when they cannot."""

    name: str

    def check_possible(self) -> None:
        """Raise NotPossible where no interface could be made."""

    def glance(self) -> Glance | None:
        """A cheap look, or None where there is no interface."""

    def dump(self) -> Actual:
        """Ask WireGuard itself."""

    def create(self) -> None:
        """Make the interface, without settings; raises NotPossible too."""

    def configure(self, changes: list[str]) -> None:
        """Set keys, port and peers."""

    def ensure_address(self, address: IPv4Interface) -> None:
        """Exactly this address, up, with the route to its network."""

    def ensure_forwarding(self, *, enabled: bool) -> None:
        """Whether packets that arrive here may leave again."""

    def remove(self) -> None:
        """Take the interface away, with all that carries it."""

    def is_carried_by_us(self) -> bool:
        """Whether our own wireguard-go carries it, so that it may be replaced when it is mute."""
