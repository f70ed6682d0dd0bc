"""Real slapd on the lab's hosts: its image, and entries in it by OpenLDAP's own tools."""

from dataclasses import dataclass

from tests.lab.host import Host

MAKE = "deploy/images/openldap/make"


def make_image(host: Host) -> None:
    """As root does on a node: from the Debian packages that are there."""
    host.exec(MAKE, str(host.state_dir / "images" / "openldap.tar"))


@dataclass(frozen=True)
class Login:
    """What an application is told to enter."""

    base_dn: str
    bind_dn: str
    password: str

    def add(self, host: Host, url: str, name: str) -> None:
        """An entry below the base, added on the host."""
        entry = f"dn: ou={name},{self.base_dn}\nobjectClass: organizationalUnit\nou: {name}\n"
        file = host.directory / "entry.ldif"
        file.write_text(entry)
        host.exec("ldapadd", *self._options(host, url), "-f", str(file))

    def knows(self, host: Host, url: str, name: str) -> bool:
        """Whether the provider has the entry."""
        wanted = ("-LLL", "-b", f"ou={name},{self.base_dn}", "-s", "base", "dn")
        found = host.exec("ldapsearch", *self._options(host, url), *wanted, check=False)
        return f"ou={name}," in found.stdout

    def is_accepted(self, host: Host, url: str) -> bool:
        """Whether the provider answers, and takes the password."""
        asked = ("-LLL", "-b", self.base_dn, "-s", "base", "dn")
        found = host.exec("ldapsearch", *self._options(host, url), *asked, check=False)
        return found.returncode == 0

    def _options(self, host: Host, url: str) -> tuple[str, ...]:
        file = host.directory / "ldap.password"
        file.write_text(self.password)
        limits = ("-o", "nettimeout=2")
        return ("-x", "-H", url, "-D", self.bind_dn, "-y", str(file), *limits)
