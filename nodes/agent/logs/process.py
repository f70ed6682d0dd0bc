"""One rsyslogd of our own, beside the machine's: started, told of changes, started again."""

import contextlib
import logging
import os
import shutil
import signal
import subprocess
from pathlib import Path

from nodes.agent import files
from nodes.agent.logs import rewind

logger = logging.getLogger(__name__)
STOP_SECONDS = 6.0
"""A sender whose leader is away notices only between two attempts that it is to end."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C", "TZ": "UTC"}
"""Days begin at midnight UTC, wherever the machine is."""


def find_binary() -> str | None:
    return shutil.which("rsyslogd", path=PATH)


class Rsyslog:
    """It dies with the agent's thread that started it, and is never one of two.

    Killed, because it may take seconds to end, and loses nothing: the next one rewinds.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        self._config = work / "rsyslog.conf"
        self._senders = work / "senders.json"
        self._output = work / "output"
        self._child: subprocess.Popen[bytes] | None = None
        self._running = ""
        """The configuration that the process was started with."""

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def is_running_with(self, config: str) -> bool:
        return self.is_running and self._running == config

    def start(self, config: str) -> None:
        """Anew, with this configuration."""
        self.stop()
        files.replace(self._config, config, mode=0o600)
        rewind.rewind_all(self._work)
        arguments = ["setpriv", "--pdeathsig", "KILL", "rsyslogd", "-n"]
        arguments += ["-f", str(self._config), "-i", str(self._work / "pid")]
        with self._output.open("wb") as output:
            self._child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
                env=ENVIRONMENT,
            )  # fmt: skip
        self._running = config
        logger.info("rsyslog_started", extra={"pid": self._child.pid})

    def tell_senders(self, senders: str) -> None:
        """Who has which address: read again without a restart."""
        if files.read(self._senders) == senders:
            return
        files.replace(self._senders, senders, mode=0o600)
        if self.is_running and self._child:
            os.kill(self._child.pid, signal.SIGHUP)

    def stop(self) -> None:
        """End it, and wait until it has."""
        child, self._child, self._running = self._child, None, ""
        if child is None:
            return
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def last_words(self) -> str:
        """What it said last, for people."""
        with contextlib.suppress(OSError):
            lines = self._output.read_text(errors="replace").strip().splitlines()
            return lines[-1][:500] if lines else ""
        return ""
