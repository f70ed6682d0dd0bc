"""The interface itself: made, configured and taken away by the system's tools. Every call is safe
to repeat.
"""

import os
import shutil
from ipaddress import IPv4Interface
from pathlib import Path

from nodes.agent.vpn import system
from nodes.agent.vpn.dump import Actual, parse
from nodes.agent.vpn.glance import Glance, forwarding_path, glance
from nodes.agent.vpn.port import NotPossible
from nodes.agent.vpn.system import CommandFailed
from nodes.agent.vpn.userspace import Userspace


class Interface:
    """One WireGuard interface, by the kernel or by wireguard-go."""

    def __init__(self, name: str, *, state_dir: Path) -> None:
        self.name = name
        self._userspace = Userspace(name, state_dir=state_dir)

    def glance(self) -> Glance | None:
        """A cheap look; also lets a wireguard-go that has ended go."""
        self._userspace.reap()
        return glance(self.name)

    def check_possible(self) -> None:
        """Raises NotPossible where no interface could be made."""
        if os.geteuid() != 0:
            raise NotPossible("the agent does not run as root")
        for tool in ("ip", "wg"):
            if shutil.which(tool) is None:
                raise NotPossible(f"the command {tool} is not installed")

    def create(self) -> None:
        """Make the interface; raises NotPossible or CommandFailed."""
        try:
            system.run("ip", "link", "add", self.name, "type", "wireguard")
        except CommandFailed as error:
            if "not permitted" in str(error):
                raise NotPossible("the agent may not make network interfaces here") from error
            self._create_in_userspace()

    def dump(self) -> Actual:
        """Ask WireGuard; raises CommandFailed."""
        output = system.run("wg", "show", self.name, "dump")
        try:
            return parse(output)
        except ValueError as error:
            raise CommandFailed(f"wg show {self.name}: not understood") from error

    def configure(self, changes: list[str]) -> None:
        """One ``wg set``."""
        system.run("wg", "set", self.name, *changes)

    def ensure_address(self, address: IPv4Interface) -> None:
        """Exactly this address, up, with the route to its network."""
        for other in self._other_addresses(address):
            system.run("ip", "address", "del", other, "dev", self.name)
        system.run("ip", "address", "replace", str(address), "dev", self.name)
        system.run("ip", "link", "set", self.name, "up")
        network, source = str(address.network), str(address.ip)
        route = [network, "dev", self.name, "proto", "kernel", "scope", "link", "src", source]
        system.run("ip", "route", "replace", *route)

    def ensure_forwarding(self, *, enabled: bool) -> None:
        """Whether packets that arrive here may leave again: on the hub alone."""
        try:
            forwarding_path(self.name).write_text("1" if enabled else "0")
        except OSError as error:
            raise CommandFailed(f"forwarding on {self.name}: {error}") from error

    def remove(self) -> None:
        """Take the interface away, and wireguard-go with it."""
        if self.glance() is not None:
            system.run("ip", "link", "del", self.name)
        self._userspace.stop()

    def is_carried_by_us(self) -> bool:
        """Whether our own wireguard-go carries it."""
        return self._userspace.pid() is not None

    def _create_in_userspace(self) -> None:
        obstacle = self._userspace.obstacle()
        if obstacle:
            raise NotPossible(obstacle)
        self._userspace.start()

    def _other_addresses(self, address: IPv4Interface) -> list[str]:
        output = system.run("ip", "-4", "-oneline", "address", "show", "dev", self.name)
        present = [line.split()[3] for line in output.splitlines()]
        return [text for text in present if text != str(address)]
