"""A syslog receiver on a host of the lab: an rsyslog that belongs to nobody."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.machine import Machine
from tests.lab.waiting import eventually

PORT = 6514
CONFIGURATION = """
global(workDirectory="{directory}" maxMessageSize="16k"
       parser.escapeControlCharactersOnReceive="off")
module(load="imtcp")
input(type="imtcp" port="{port}" ruleset="kept")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="kept") {{ action(type="omfile" file="{directory}/received" template="raw") }}
"""


@dataclass(frozen=True)
class SyslogReceiver:
    """What it was sent is in its directory."""

    machine: Machine
    directory: Path

    @property
    def place(self) -> dict[str, object]:
        """For the settings of a leader."""
        return {"host": self.machine.address, "port": PORT, "tls": False}

    def texts(self) -> set[str]:
        """The text of each message, without what RFC 5424 puts before it."""
        received = self.directory / "received"
        lines = received.read_text().splitlines() if received.exists() else []
        return {line.rpartition("\ufeff")[2] for line in lines}


@contextlib.contextmanager
def running(machine: Machine, directory: Path) -> Iterator[SyslogReceiver]:
    """For as long as the block lasts."""
    configuration, pid = directory / "rsyslog.conf", directory / "pid"
    configuration.write_text(CONFIGURATION.format(directory=directory, port=PORT))
    files = ("-f", str(configuration), "-i", str(pid))
    machine.spawn("rsyslogd", "-n", *files, log=directory / "output")
    eventually(pid.exists, within=10, every=0.05)
    try:
        yield SyslogReceiver(machine, directory)
    finally:
        machine.exec("kill", pid.read_text().strip())
