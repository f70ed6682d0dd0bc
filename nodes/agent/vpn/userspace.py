"""``wireguard-go``, where the kernel has no WireGuard: one process that outlives the agent."""

import logging
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from nodes.agent.vpn import system
from nodes.agent.vpn.system import CommandFailed

logger = logging.getLogger(__name__)
START_SECONDS = 3.0
STOP_SECONDS = 1.0
SOCKETS = Path("/var/run/wireguard")


class Userspace:
    """The process that carries one interface; killing it takes the interface away."""

    def __init__(self, interface: str, *, state_dir: Path) -> None:
        self._interface = interface
        self._pid_file = state_dir / "run" / "wireguard-go.pid"
        self._log_file = state_dir / "log" / "wireguard-go.log"
        self._child: subprocess.Popen[bytes] | None = None

    def obstacle(self) -> str | None:
        """Why it cannot run here, or None."""
        if shutil.which("wireguard-go") is None:
            return "the kernel has no WireGuard, and wireguard-go is not installed"
        if not Path("/dev/net/tun").exists():
            return "the kernel has no WireGuard, and there is no /dev/net/tun for wireguard-go"
        return None

    def start(self) -> None:
        """Start it and wait until it answers; raises CommandFailed."""
        self.stop()
        for path in (self._pid_file, self._log_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        child = system.spawn(["wireguard-go", "-f", self._interface], log=str(self._log_file))
        self._child = child
        self._pid_file.write_text(f"{child.pid}\n")
        logger.info("wireguard_go_started", extra={"pid": child.pid})
        self._wait_until_ready(child)

    def reap(self) -> None:
        """Let a process that has ended go, and say so."""
        if self._child is not None and self._child.poll() is not None:
            logger.warning("wireguard_go_ended", extra={"status": self._child.returncode})
            self._child = None

    def stop(self) -> None:
        """End the process that this node started, if it still runs."""
        pid = self.pid()
        if pid is not None:
            self._end(pid)
        self._pid_file.unlink(missing_ok=True)

    def pid(self) -> int | None:
        """The process, if the one that was started is still there and still the same program."""
        self.reap()
        try:
            pid = int(self._pid_file.read_text())
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        is_ours = arguments[1:3] == [b"-f", self._interface.encode()]
        return pid if is_ours and arguments[0].endswith(b"wireguard-go") else None

    def _wait_until_ready(self, child: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise CommandFailed(f"wireguard-go ended at once; see {self._log_file}")
            if self._answers():
                return
            time.sleep(0.02)
        raise CommandFailed(f"wireguard-go did not answer within {START_SECONDS:.0f} s")

    def _answers(self) -> bool:
        if not (SOCKETS / f"{self._interface}.sock").exists():
            return False
        try:
            system.run("wg", "show", self._interface, "listen-port")
        except CommandFailed:
            return False
        return True

    def _end(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.pid() is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                break
            time.sleep(0.02)
