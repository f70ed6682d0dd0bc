"""A directory of somebody else on a host of the lab: Debian's slapd, with TLS and one entry."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.machine import Machine
from tests.lab.waiting import eventually

SUFFIX = "dc=elsewhere,dc=example"
BIND_DN, PASSWORD = f"cn=admin,{SUFFIX}", "violet harbour lantern 42"
CONFIGURATION = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {directory}/pid
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix "{suffix}"
rootdn "{bind_dn}"
rootpw "{password}"
directory {directory}/data
access to * by anonymous auth
"""
ENTRY = "dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: x\ndc: elsewhere\n"


@dataclass(frozen=True)
class ForeignDirectory:
    """Where it answers: there TLS begins when it is asked to, or with the first byte."""

    machine: Machine
    port: int

    @property
    def urls(self) -> list[str]:
        address = self.machine.address
        return [f"ldap://{address}:{self.port}", f"ldaps://{address}:{self.port + 1}"]

    def domain(self, name: str, *, ca: str) -> dict[str, Any]:
        """How it is registered as a domain, with whom to trust."""
        return {
            "name": name,
            "kind": "external",
            "urls": self.urls,
            "base_dn": SUFFIX,
            "bind_dn": BIND_DN,
            "password": PASSWORD,
            "start_tls": True,
            "ca": ca,
        }


@contextlib.contextmanager
def running(
    machine: Machine, directory: Path, *, shows: tuple[Path, Path], port: int
) -> Iterator[ForeignDirectory]:
    """For as long as the block lasts; it shows a certificate, and has its key."""
    made = ForeignDirectory(machine, port)
    (directory / "data").mkdir(parents=True)
    pid, configuration = directory / "pid", directory / "slapd.conf"
    configuration.write_text(_configuration(directory, shows))
    machine.exec("/usr/sbin/slapadd", "-f", str(configuration), stdin=ENTRY.format(suffix=SUFFIX))
    asked = ("-h", " ".join(f"{url}/" for url in made.urls), "-f", str(configuration))
    machine.spawn("/usr/sbin/slapd", "-d", "0", *asked, log=directory / "output")
    eventually(pid.exists, within=10, every=0.05)
    try:
        yield made
    finally:
        machine.exec("kill", pid.read_text().strip())


def _configuration(directory: Path, shows: tuple[Path, Path]) -> str:
    names: Mapping[str, object] = {
        "directory": directory,
        "certificate": shows[0],
        "key": shows[1],
        "suffix": SUFFIX,
        "bind_dn": BIND_DN,
        "password": PASSWORD,
    }
    return CONFIGURATION.format_map(names)
