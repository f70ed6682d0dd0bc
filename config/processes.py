"""The supervised processes of this node, asked from their supervisor."""

import xmlrpc.client
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from config import environment as env

SUPERVISOR_SOCKET = env.STATE_DIR / "run" / "supervisor.sock"
RUNNING = 20
"""supervisord's state number for a running process."""


def pids() -> dict[str, int]:
    """Process ids by name (web, celery, agent, broker); those that are not running are absent."""
    return {
        process["name"]: process["pid"]
        for process in _supervisor().getAllProcessInfo()
        if process["pid"]
    }


def start(name: str) -> None:
    """Start a process, and wait until it runs."""
    _supervisor().startProcess(name)


def stop(name: str) -> None:
    """Stop a process, and wait until it ended; it stays down until it is started."""
    _supervisor().stopProcess(name)


def _supervisor() -> Any:
    transport = SupervisorTransport(None, None, f"unix://{SUPERVISOR_SOCKET}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor
