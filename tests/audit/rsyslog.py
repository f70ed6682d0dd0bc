"""A real rsyslogd on a port of its own, in a directory of its own, that can be killed."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.audit.syslog_receivers import Message, parse

CONFIGURATION = """
global(workDirectory="{directory}" maxMessageSize="16k"
       parser.escapeControlCharactersOnReceive="off")
module(load="imtcp" {security})
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="kept")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="kept") {{
  action(type="omfile" file="{directory}/received" template="raw")
}}
"""
TLS = """
global(defaultNetstreamDriverCAFile="{directory}/cert.pem"
       defaultNetstreamDriverCertFile="{directory}/cert.pem"
       defaultNetstreamDriverKeyFile="{directory}/key.pem")
"""
GNUTLS = 'streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon"'


@dataclass
class Rsyslog:
    """Writes each message, as it came, into a line of its own; ``tls`` as Debian's GnuTLS does."""

    directory: Path
    port: int
    tls: bool = False
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        """And wait until it takes connections."""
        configuration = self.directory / "rsyslog.conf"
        configuration.write_text(self._configuration())
        files = ("-f", str(configuration), "-i", str(self.directory / "pid"))
        command = ["/usr/sbin/rsyslogd", "-n", *files]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while not self._takes_connections():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.05)
            assert self._process.returncode is None

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        (self.directory / "pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """It writes what it still has."""
        assert self._process
        self._process.terminate()
        self._process.wait(timeout=20)

    def messages(self) -> list[Message]:
        """Everything that it has written."""
        lines = (self.directory / "received").read_bytes().splitlines()
        return [parse(line) for line in lines]

    def _configuration(self) -> str:
        text = TLS + CONFIGURATION if self.tls else CONFIGURATION
        security = GNUTLS if self.tls else ""
        return text.format(directory=self.directory, port=self.port, security=security)

    def _takes_connections(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def rsyslog(directory: Path, *, tls: bool = False) -> Iterator[Rsyslog]:
    """Running for as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    made = Rsyslog(directory, port, tls)
    made.start()
    try:
        yield made
    finally:
        made.stop()
