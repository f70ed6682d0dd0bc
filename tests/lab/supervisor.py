"""A host's supervisor, asked over its socket in the state directory."""

import contextlib
import os
import signal
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

PROCESSES = ("web", "celery", "agent", "broker")
SHUTTING_DOWN, BAD_NAME, ALREADY_STARTED, NOT_RUNNING = 6, 10, 60, 70
"""supervisord's fault numbers."""


def pids(state_dir: Path) -> dict[str, int | None]:
    """Process ids by name; None for what does not run."""
    answer: list[dict[str, Any]] = []
    try:
        with _supervisor(state_dir) as supervisor, _tolerating(SHUTTING_DOWN):
            answer = supervisor.getAllProcessInfo()
    except (OSError, xmlrpc.client.ProtocolError):
        answer = []  # there is no supervisor, so nothing runs
    found = {process["name"]: process["pid"] or None for process in answer}
    return {name: found.get(name) for name in PROCESSES}


def start(state_dir: Path, name: str) -> None:
    """Start a process, and wait until it runs."""
    with _supervisor(state_dir) as supervisor, _tolerating(ALREADY_STARTED):
        supervisor.startProcess(name)


def stop(state_dir: Path, name: str) -> None:
    """Stop a process; it stays down until it is started."""
    with _supervisor(state_dir) as supervisor, _tolerating(NOT_RUNNING):
        supervisor.stopProcess(name)


def kill(state_dir: Path, name: str) -> int:
    """SIGKILL a process, whose supervisor starts it again; returns the pid that died."""
    target = target_of(state_dir, name)
    os.kill(target, signal.SIGKILL)
    return abs(target)


def target_of(state_dir: Path, name: str) -> int:
    """What to kill: the web with the process that answers for it, as one group."""
    pid = pids(state_dir)[name]
    if pid is None:
        raise RuntimeError(f"{name} does not run.")
    return -pid if name == "web" else pid


@contextlib.contextmanager
def _supervisor(state_dir: Path) -> Iterator[Any]:
    transport = SupervisorTransport(None, None, f"unix://{state_dir}/run/supervisor.sock")
    with contextlib.closing(transport):
        yield xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor


@contextlib.contextmanager
def _tolerating(fault: int) -> Iterator[None]:
    try:
        yield
    except xmlrpc.client.Fault as error:
        if error.faultCode != fault:
            raise
