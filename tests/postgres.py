"""A private PostgreSQL for the tests: on a socket in a temporary directory, gone afterwards.

``python -m tests.postgres -- COMMAND`` runs the command with FLOTILLA_TEST_DATABASE_URL set, and
exits as it does; without a command the address is printed, and Ctrl-C ends it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

USER = "postgres"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "FATAL",
}


def main(command: list[str]) -> int:
    """Run the command, or wait, while there is a database."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with postgresql() as url, suppress(KeyboardInterrupt):
        if command:
            environment = os.environ | {"FLOTILLA_TEST_DATABASE_URL": url}
            return subprocess.run(command, env=environment, check=False).returncode
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        signal.pause()
    return 0


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a cluster that exists inside this block."""
    home = Path(tempfile.mkdtemp(prefix="flotilla-postgres-"))
    data = home / "data"
    _own(home)
    _run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
    options = " ".join(f"-c {name}={value!r}" for name, value in SETTINGS.items())
    _run("pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", f"-k {home} {options}", "start")
    try:
        _run("createdb", "-h", home, "-U", USER, "flotilla")
        yield f"postgresql://{USER}@/flotilla?host={home}"
    finally:
        _run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(home)


def _own(home: Path) -> None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() == 0:
        shutil.chown(home, user=USER)


def _run(program: str, *arguments: object) -> None:
    words = [str(_binary(program)), *map(str, arguments)]
    if os.geteuid() == 0:
        words = ["runuser", "-u", USER, "--", *words]
    # its own log file is the server's; the tools' chatter is of no use
    subprocess.run(words, check=True, cwd="/", stdout=subprocess.DEVNULL)


def _binary(program: str) -> Path:
    """Debian keeps the server's programs outside PATH, by version."""
    found = shutil.which(program)
    candidates = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    if not found and not candidates:
        sys.exit("PostgreSQL is not installed (Debian: postgresql).")
    return Path(found) if found else candidates[-1]


if __name__ == "__main__":
    separator = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    sys.exit(main(sys.argv[separator + 1 :]))
