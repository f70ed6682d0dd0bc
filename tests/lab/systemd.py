"""A real systemd on a host of the lab: first in a PID namespace, with control groups of its own.

It runs nothing but what a test starts: none of its units has the default dependencies.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.machine import Machine
from tests.lab.waiting import eventually

TARGET = "[Unit]\nDescription=What the lab starts\nDefaultDependencies=no\n"
UNIT = "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep infinity\n"
BOOT = """
set -e
[ -e /sys/fs/cgroup/cgroup.procs ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$1"
echo $$ >"/sys/fs/cgroup/$1/cgroup.procs"
mount --bind "/sys/fs/cgroup/$1" /sys/fs/cgroup
mount --bind "$2" /etc/systemd/system
exec unshare --cgroup --ipc --pid --fork --kill-child --mount --propagation private --mount-proc \
    sh -c 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys &&
        exec env -i container=lab /lib/systemd/systemd --unit=lab.target --show-status=no'
"""
"""The agent sees the same control groups and units; the machine's own settings are read-only."""
HALT = """
umount /etc/systemd/system
until find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} + ; do sleep 0.05; done
umount /sys/fs/cgroup
until rmdir "/sys/fs/cgroup/$1"; do sleep 0.05; done
"""
"""Whoever started it is in its control group until it has seen it end."""


@dataclass(frozen=True)
class Systemd:
    """The one that runs on a machine."""

    machine: Machine
    units: Path
    pid: str

    def install(self, name: str, *, labels: Mapping[str, str] | None = None) -> None:
        """A service that sleeps; with a drop-in of ours, if it has labels (even none)."""
        (self.units / f"{name}.service").write_text(UNIT)
        if labels is not None:
            lines = "".join(f"Label={key}={value}\n" for key, value in labels.items())
            self.drop_in(name).parent.mkdir()
            self.drop_in(name).write_text(f"[X-Flotilla]\n{lines}")
        self.control("daemon-reload")
        self.control("start", name)

    def drop_in(self, name: str) -> Path:
        """By which a service is ours."""
        return self.units / f"{name}.service.d" / "flotilla.conf"

    @property
    def is_up(self) -> bool:
        """Whether it has started what it should, and listens."""
        return "lab.target" in self.control("list-units", "--type=target", check=False)

    def control(self, *arguments: str, check: bool = True) -> str:
        """What ``systemctl`` answers."""
        enter = ("nsenter", f"--target={self.pid}", "--mount", "--pid", "--")
        command = ("env", "SYSTEMD_IGNORE_CHROOT=1", "systemctl", *arguments)
        return self.machine.exec(*enter, *command, check=check).stdout


@contextlib.contextmanager
def running(machine: Machine) -> Iterator[Systemd]:
    """Start it on a machine that has power, and end it with all that it runs."""
    units, group = machine.directory / "units", f"lab-{machine.namespace}"
    units.mkdir()
    (units / "lab.target").write_text(TARGET)
    log = machine.directory / "systemd.log"
    machine.spawn("sh", "-c", BOOT, "sh", group, str(units), log=log)
    pid = eventually(lambda: _first_process(machine), within=10, every=0.05)
    manager = Systemd(machine, units, pid)
    try:
        eventually(lambda: manager.is_up, within=10)
        yield manager
    finally:
        machine.exec("kill", "-KILL", manager.pid)
        machine.exec("sh", "-c", HALT, "sh", group)
        shutil.rmtree(units)


def _first_process(machine: Machine) -> str:
    """Its process id as the machine sees it; nothing before it is alone in its control group."""
    found = machine.exec("cat", "/sys/fs/cgroup/init.scope/cgroup.procs", check=False)
    processes = found.stdout.split()
    return processes[0] if len(processes) == 1 else ""
