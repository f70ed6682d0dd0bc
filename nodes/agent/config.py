"""The one place where the agent reads ``FLOTILLA_*``; the web has its own, in
``config/environment.py``.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodes.agent.paths import default_state_dir

INTERFACE_LENGTH = 15
"""The kernel's limit, without the closing zero byte."""


class ConfigError(Exception):
    """A setting that makes no sense."""


@dataclass(frozen=True, slots=True)
class Config:
    """Where the node keeps its things, and what it calls itself."""

    state_dir: Path
    fqdn: str
    console_host: str
    console_port: int
    certificate: Path
    vpn_interface: str
    vpn_port: int

    @property
    def node_dir(self) -> Path:
        return self.state_dir / "node"

    @property
    def socket(self) -> Path:
        return self.state_dir / "run" / "agent.sock"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read and check the settings; raises ConfigError."""
        values = _Values(environment)
        state_dir = Path(values.get("STATE_DIR", str(default_state_dir()))).resolve()
        host, _, port = values.get("LISTEN", "0.0.0.0:8443").rpartition(":")
        return cls(
            state_dir=state_dir,
            fqdn=values.get("FQDN", "") or socket.getfqdn(),
            console_host=_own_address(host),
            console_port=_port("LISTEN", port),
            certificate=Path(values.get("TLS_CERT", "") or state_dir / "tls" / "cert.pem"),
            vpn_interface=_interface(values.get("VPN_INTERFACE", "wg0")),
            vpn_port=_port("VPN_PORT", values.get("VPN_PORT", "55820")),
        )


class _Values:
    """``FLOTILLA_NAME``, or the content of the file that ``FLOTILLA_NAME_FILE`` names."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def get(self, name: str, default: str) -> str:
        path = self._environment.get(f"FLOTILLA_{name}_FILE")
        value = Path(path).read_text() if path else self._environment.get(f"FLOTILLA_{name}")
        return default if value is None else value.strip()


def _own_address(host: str) -> str:
    """Where this machine reaches its own console."""
    everywhere = ("", "0.0.0.0", "[::]", "localhost")  # noqa: S104 - compared with, never bound
    return "127.0.0.1" if host in everywhere else host


def _port(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ConfigError(f"FLOTILLA_{name} names no port: {text!r}")
    return int(text)


def _interface(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    if not (plain.isascii() and plain.isalnum() and len(name) <= INTERFACE_LENGTH):
        raise ConfigError(f"FLOTILLA_VPN_INTERFACE is no interface name: {name!r}")
    return name
