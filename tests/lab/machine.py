"""One machine of the lab as the kernel sees it: own network, mounts, ``/run`` and names."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import clocks, engine, namespaces

PROJECT = Path(__file__).resolve().parents[2]
BOOT = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/wireguard /run/lock
mount -t sysfs sysfs /sys
mount --bind "$1/hosts" /etc/hosts
if [ -d /etc/containers ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mount --bind "$1/containers" /etc/containers
fi
mount --bind "$1/hostname" /etc/hostname
hostname "$2"
echo $$ >"$1/holder.new"
mv "$1/holder.new" "$1/holder.pid"
exec sleep infinity
"""
BOOT_SECONDS = 10


class MachineIsOff(RuntimeError):
    """The machine has no power."""


@dataclass(frozen=True)
class Machine:
    """A machine, on or off; what lasts is in its directory."""

    lab: str
    name: str
    address: str
    directory: Path

    @property
    def namespace(self) -> str:
        """Its network namespace, for ``ip netns exec``."""
        return f"{self.lab}-{self.name}"

    @property
    def is_on(self) -> bool:
        """Whether the machine has power."""
        return self._holder() is not None

    def boot(self) -> None:
        """Power on: a new network namespace, an empty ``/run``, the cable as it was left."""
        namespaces.plug(self.lab, name=self.name, address=self.address)
        if self._cut_mark.exists():
            namespaces.set_link(self.lab, name=self.name, up=False)
        engine.configure(self.directory)
        (self.directory / "hostname").write_text(f"{self.name}\n")
        (self.directory / "holder.pid").unlink(missing_ok=True)
        # the holder keeps the mount and host name namespaces alive
        holder = [
            *("nsenter", f"--net={namespaces.NETNS / self.namespace}"),
            *("unshare", "--mount", "--uts", "--propagation", "private"),
            *("sh", "-c", BOOT, "sh", str(self.directory), self.name),
        ]
        log = self.directory / "boot.log"
        _leave_running(holder, log=log)
        deadline = time.monotonic() + BOOT_SECONDS
        while not self.is_on:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not boot: {log.read_text()}")
            time.sleep(0.005)

    def cut_power(self) -> None:
        """SIGKILL everything at once, and forget what was only in memory."""
        namespaces.unplug(self.lab, name=self.name)

    def cut_link(self) -> None:
        """The switch drops this machine's frames; the machine itself sees a live link."""
        self._cut_mark.touch()
        if self.is_on:
            namespaces.set_link(self.lab, name=self.name, up=False)

    def heal_link(self) -> None:
        """Undo ``cut_link``."""
        self._cut_mark.unlink(missing_ok=True)
        if self.is_on:
            namespaces.set_link(self.lab, name=self.name, up=True)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command line that runs ``arguments`` here, as root, in the project's root."""
        holder = self._holder()
        if holder is None:
            raise MachineIsOff(f"{self.name} of the lab {self.lab} is off.")
        enter = ["nsenter", "-t", str(holder), "-m", "-u", "-n", "--"]
        return [*enter, "env", f"--chdir={PROJECT}", *arguments]

    def environment(self) -> dict[str, str]:
        """What a process here finds in its environment."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FLOTILLA_", "DJANGO_"))
        }
        path = f"{Path(sys.executable).parent}:{kept.get('PATH', '/usr/sbin:/usr/bin:/sbin:/bin')}"
        return {
            **kept,
            "PATH": path,
            **self.variables(),
            **clocks.variables(self.directory, path=path),
        }

    def variables(self) -> Mapping[str, str]:
        """The machine's own environment variables."""
        return {}

    def spawn(self, *arguments: str, log: Path) -> None:
        """Start a program that outlives this process."""
        _leave_running(self.command(arguments), log=log, environment=self.environment())

    def exec(
        self, *arguments: str, check: bool = True, stdin: str | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a program here and keep what it says."""
        done = subprocess.run(
            self.command(arguments),
            env=self.environment(),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    @property
    def _cut_mark(self) -> Path:
        return self.directory / "cut"

    def _holder(self) -> int | None:
        """The holder's process id, if it is this machine's and alive."""
        try:
            pid = int((self.directory / "holder.pid").read_text())
            inode = (namespaces.NETNS / self.namespace).stat().st_ino
        except FileNotFoundError:
            return None
        return pid if namespaces.lives_in(pid, inode=inode) else None


def _leave_running(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Start a daemon that is nobody's child."""
    with log.open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=True,
        )
