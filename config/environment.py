"""The one place that reads ``FLOTILLA_*`` (the agent has its own, in ``nodes/agent/config.py``)."""

import os
import socket
from pathlib import Path

from environs import FileAwareEnv

from nodes.agent.paths import default_state_dir

env = FileAwareEnv(prefix="FLOTILLA_", strip_whitespace=True)

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR: Path = env.path("STATE_DIR", default_state_dir()).resolve()
LISTEN: str = env.str("LISTEN", "0.0.0.0:8443")
FQDN: str = env.str("FQDN", "") or socket.getfqdn()
DATABASE_URL: str = env.str("DATABASE_URL", "").strip()
BROKER_URL: str = env.str("BROKER_URL", "").strip()
VPN_INTERFACE: str = env.str("VPN_INTERFACE", "wg0")
VPN_PORT: int = env.int("VPN_PORT", 55820)
TLS_CERT: str = env.str("TLS_CERT", "")
TLS_KEY: str = env.str("TLS_KEY", "")
INVOKING_USER: str = os.environ.get("SUDO_USER", "")
"""Who became root to run a command, where sudo tells."""
WEB_PROCESSES: int = env.int("WEB_PROCESSES", 1)

EMBEDDED_BROKER_SOCKET = STATE_DIR / "run" / "broker.sock"
EMBEDDED_BROKER: bool = not BROKER_URL
AGENT_SOCKET = STATE_DIR / "run" / "agent.sock"
NODE_FILE = STATE_DIR / "node" / "node.json"
TLS_CERT_PATH = Path(TLS_CERT) if TLS_CERT else STATE_DIR / "tls" / "cert.pem"
TLS_KEY_PATH = Path(TLS_KEY) if TLS_KEY else STATE_DIR / "tls" / "key.pem"
