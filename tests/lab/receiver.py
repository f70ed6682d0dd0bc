"""A syslog receiver on a host of the lab: an rsyslog that belongs to nobody."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.authorities import Authority
from tests.lab.machine import Machine
from tests.lab.waiting import eventually

PORT, TLS_PORT = 6514, 6515
CONFIGURATION = """
global(workDirectory="{directory}" maxMessageSize="16k"
       parser.escapeControlCharactersOnReceive="off"{driver})
module(load="imtcp"{mode})
input(type="imtcp" port="{port}" ruleset="kept")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="kept") {{ action(type="omfile" file="{directory}/received" template="raw") }}
"""
DRIVER = """ defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{authority}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}\""""
MODE = ' streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon"'


@dataclass(frozen=True)
class SyslogReceiver:
    """What it was sent is in its directory."""

    machine: Machine
    directory: Path
    port: int = PORT

    @property
    def place(self) -> dict[str, object]:
        """For the settings of a leader."""
        return {"host": self.machine.address, "port": self.port, "tls": False}

    def vouched_for(self, authority: Authority) -> dict[str, object]:
        """The same over TLS."""
        return self.place | {"tls": True, "certificate": authority.certificate}

    def texts(self) -> set[str]:
        """The text of each message, without what RFC 5424 puts before it."""
        received = self.directory / "received"
        lines = received.read_text().splitlines() if received.exists() else []
        return {line.rpartition("\ufeff")[2] for line in lines}


@contextlib.contextmanager
def running(
    machine: Machine, directory: Path, *, authority: Authority | None = None, name: str = ""
) -> Iterator[SyslogReceiver]:
    """For as long as the block lasts; over TLS where an authority signs for it, or for ``name``."""
    configuration, pid = directory / "rsyslog.conf", directory / "pid"
    port = TLS_PORT if authority else PORT
    shows = _shows(authority, name or machine.address) if authority else {"driver": "", "mode": ""}
    configuration.write_text(CONFIGURATION.format(directory=directory, port=port, **shows))
    files = ("-f", str(configuration), "-i", str(pid))
    machine.spawn("rsyslogd", "-n", *files, log=directory / "output")
    eventually(pid.exists, within=10, every=0.05)
    try:
        yield SyslogReceiver(machine, directory, port)
    finally:
        machine.exec("kill", pid.read_text().strip())


def _shows(authority: Authority, name: str) -> dict[str, str]:
    certificate, key = authority.sign_for(name)
    driver = DRIVER.format(authority=authority.path, certificate=certificate, key=key)
    return {"driver": driver, "mode": MODE}
