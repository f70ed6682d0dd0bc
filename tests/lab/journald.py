"""A real journald on a host of the lab, as on a machine with systemd that keeps its journal in
memory.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.lab.machine import Machine
from tests.lab.waiting import eventually

SOCKET = "/run/systemd/journal/socket"
START = """
mkdir -p /run/systemd/journal /run/log/journal
[ ! -d /var/log/journal ] || mountpoint -q /var/log/journal || mount -t tmpfs tmpfs /var/log/journal
echo $$ >/run/journald.pid
exec /lib/systemd/systemd-journald
"""
END = """
kill -KILL "$(cat /run/journald.pid)"
rm -rf /run/systemd/journal /run/log/journal
! mountpoint -q /var/log/journal || umount /var/log/journal
"""


@dataclass(frozen=True)
class Journal:
    """The journal of one machine."""

    machine: Machine

    def say(self, program: str, lines: Iterable[str]) -> None:
        """As a service does that writes to its standard output, at severity 3."""
        text = "".join(f"{line}\n" for line in lines)
        self.machine.exec("systemd-cat", "-t", program, "-p", "err", stdin=text)


@contextlib.contextmanager
def running(machine: Machine) -> Iterator[Journal]:
    """For as long as the block lasts; then there is no trace of it."""
    machine.spawn("sh", "-c", START, log=machine.directory / "journald.log")
    try:
        eventually(lambda: _is_up(machine), within=10, every=0.05)
        yield Journal(machine)
    finally:
        machine.exec("sh", "-c", END)


def _is_up(machine: Machine) -> bool:
    return machine.exec("test", "-S", SOCKET, check=False).returncode == 0
