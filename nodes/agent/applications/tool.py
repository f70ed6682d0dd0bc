"""Running podman and systemctl: lists of arguments, secrets by standard input, a deadline."""

import subprocess
import time
from collections.abc import Callable
from typing import Protocol

from nodes.agent.applications.errors import EngineFailed, EngineMissing, Superseded
from nodes.agent.vpn.system import ENVIRONMENT

SECONDS = 60.0
LOOK_SECONDS = 0.25


def never() -> bool:
    """Nobody gives up."""
    return False


class Tool(Protocol):
    """What runs a program; tests have another."""

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        seconds: float = SECONDS,
        is_given_up: Callable[[], bool] = never,
    ) -> str:
        """Its output and complaints; raises EngineMissing, EngineFailed, Superseded."""
        ...


class System:
    """The machine's own programs."""

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        seconds: float = SECONDS,
        is_given_up: Callable[[], bool] = never,
    ) -> str:
        """Its output and complaints together; raises EngineMissing, EngineFailed, Superseded."""
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=ENVIRONMENT,
            )
        except FileNotFoundError:
            raise EngineMissing from None
        output = _await(process, stdin, until=time.monotonic() + seconds, is_given_up=is_given_up)
        if process.returncode != 0:
            name = " ".join(arguments[:2])
            raise EngineFailed(problem=f"{name}: {last_line(output)}")
        return output


def last_line(output: str) -> str:
    """What a program complained of in the end."""
    line = output.strip().rpartition("\n")[2].removeprefix("Error: ")
    return line[:300] or "it failed and did not say why."


def _await(
    process: "subprocess.Popen[str]",
    stdin: str,
    *,
    until: float,
    is_given_up: Callable[[], bool],
) -> str:
    given: str | None = stdin
    while True:
        try:
            return process.communicate(input=given, timeout=LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            given = None  # it has been written, or is being
            error = _reason_to_stop(until, is_given_up)
        if error is not None:
            process.kill()
            process.communicate()
            raise error


def _reason_to_stop(until: float, is_given_up: Callable[[], bool]) -> Exception | None:
    if is_given_up():
        return Superseded()
    return EngineFailed(problem="It took too long.") if time.monotonic() > until else None
