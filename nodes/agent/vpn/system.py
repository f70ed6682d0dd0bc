"""Running the system's own tools: a fixed list of arguments, no shell, a deadline."""

import os
import subprocess
from collections.abc import Sequence

SECONDS = 5.0
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    "LC_ALL": "C",
}


class CommandFailed(Exception):
    """A tool is missing, refused, or did not answer in time; the text says which and why."""


def run(*arguments: str) -> str:
    """The tool's output; raises CommandFailed."""
    name = " ".join(arguments[:3])
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=SECONDS, env=ENVIRONMENT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(f"{name}: {error}") from error
    if done.returncode != 0:
        raise CommandFailed(f"{name}: {_last_line(done.stderr) or f'exit {done.returncode}'}")
    return done.stdout


def spawn(arguments: Sequence[str], *, log: str) -> "subprocess.Popen[bytes]":
    """Start a daemon in a session of its own, so that it outlives the agent."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            env=ENVIRONMENT | {"LOG_LEVEL": "error", "WG_PROCESS_FOREGROUND": "1"},
        )


def _last_line(text: str) -> str:
    return text.strip().rsplit("\n", 1)[-1]
