"""A broker and a worker as the supervisor starts them, in a state directory of their own."""

import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cryptography.fernet import Fernet

from config import environment
from config.supervise import broker_binary


class Node:
    """What the tests start, kill and look into."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """Secrets, a database, and one operation in it."""
        for name in ("run", "secrets"):
            (self.state_dir / name).mkdir(parents=True)
        (self.state_dir / "secrets" / "django-secret-key").write_text("a secret of this test" * 3)
        (self.state_dir / "secrets" / "field-encryption-key").write_bytes(Fernet.generate_key())
        self._python("manage.py", "migrate", "-v0")
        self._python("-m", "tests.config.patient.begin")

    def _python(self, *arguments: str) -> None:
        command, home = [sys.executable, *arguments], environment.BASE_DIR
        subprocess.run(command, env=self._environment(), cwd=home, check=True)

    def start_broker(self) -> None:
        self._start(
            "broker",
            f"{broker_binary()} --port 0 --unixsocket {self.state_dir}/run/broker.sock"
            f" --dir {self.state_dir}/run --save '' --appendonly no",
        )

    def start_worker(self) -> None:
        self._start(
            "worker",
            f"{sys.executable} -m celery -A config.celery worker --pool threads --concurrency 4"
            " --without-gossip --without-mingle --without-heartbeat --loglevel WARNING",
        )

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def let_go(self) -> None:
        """What the operation waits for."""
        (self.state_dir / "go").touch()

    def attempts(self) -> int:
        return int(self._operation()[0])

    def state(self) -> str:
        return self._operation()[1]

    def survivors(self) -> list[str]:
        """Processes that still work for this node."""
        mine = f"FLOTILLA_STATE_DIR={self.state_dir}\0".encode()
        return [
            path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if mine in _read(path)
        ]

    def _operation(self) -> tuple[str, str]:
        with closing(sqlite3.connect(self.state_dir / "db.sqlite3")) as database:
            rows = database.execute("SELECT attempts, state FROM cluster_operation")
            row: tuple[str, str] = rows.fetchone()
        return row

    def _start(self, name: str, command: str) -> None:
        with (self.state_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                shlex.split(command),
                env=self._environment(),
                cwd=environment.BASE_DIR,
                stdout=log,
                stderr=log,
            )

    def _environment(self) -> dict[str, str]:
        ours = {
            "FLOTILLA_STATE_DIR": str(self.state_dir),
            "DJANGO_SETTINGS_MODULE": "tests.config.patient.settings",
        }
        return os.environ | ours


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def wait_until(met: Callable[[], bool], *, seconds: float) -> float:
    """Look every twentieth of a second; returns how long it took, or fails."""
    began = time.monotonic()
    while not met():
        taken = time.monotonic() - began
        assert taken < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began
