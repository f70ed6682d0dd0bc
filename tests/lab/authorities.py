"""Authorities of somebody else, made with openssl as somebody else would."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
NEW = ("openssl", "req", "-x509", *KEY)
REQUEST = ("openssl", "req", "-new", *KEY)


@dataclass(frozen=True)
class Authority:
    """Its certificate and its key are in its directory, and what it has signed."""

    directory: Path

    @classmethod
    def make(cls, directory: Path) -> "Authority":
        made = cls(directory)
        _run(*NEW, "-subj", f"/CN={directory.name}", *_into(directory / "ca"))
        return made

    @property
    def certificate(self) -> str:
        return self.path.read_text()

    @property
    def path(self) -> Path:
        return self.directory / "ca.pem"

    def sign_for(self, address: str) -> tuple[Path, Path]:
        """A certificate for a machine at this address, and its key."""
        made = self.directory / address
        signed_by = ("-CA", str(self.path), "-CAkey", str(self.path.with_suffix(".key")))
        names = ("-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}")
        leaf = ("-addext", "basicConstraints=critical,CA:FALSE")
        _run(*NEW, *signed_by, *names, *leaf, *_into(made))
        return Path(f"{made}.pem"), Path(f"{made}.key")

    def sign_late_for(self, address: str) -> tuple[Path, Path]:
        """The same, which is over before it begins."""
        made = self.directory / f"{address}-late"
        asked = made.with_name(f"{made.name}.csr")
        names = ("-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}")
        _run(*REQUEST, *names, "-out", str(asked), "-keyout", f"{made}.key")
        signed_by = ("-CA", str(self.path), "-CAkey", str(self.path.with_suffix(".key")))
        over = ("-copy_extensions", "copy", "-days", "-1", "-out", f"{made}.pem")
        _run("openssl", "x509", "-req", "-in", str(asked), *signed_by, *over)
        return Path(f"{made}.pem"), Path(f"{made}.key")


def _into(path: Path) -> tuple[str, ...]:
    return ("-days", "1", "-out", f"{path}.pem", "-keyout", f"{path}.key")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
