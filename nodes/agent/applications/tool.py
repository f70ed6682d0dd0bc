"""Running podman and systemctl: lists of arguments, secrets by standard input, a deadline."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Protocol, cast

from nodes.agent.applications.errors import EngineFailed, EngineMissing, Superseded
from nodes.agent.vpn.system import ENVIRONMENT

SECONDS = 60.0
LOOK_SECONDS = 0.25
MOST = 4 * 1024 * 1024
"""Bytes of output that are kept, the last ones: a container may write without ever ending a line.
"""
CHUNK = 64 * 1024


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
                cwd="/",
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
    """What a program complained of in the end, harmless wherever it is shown."""
    line = output.strip().rpartition("\n")[2].removeprefix("Error: ")[:300]
    shown = "".join(each if each.isprintable() else "\ufffd" for each in line)
    return shown or "it failed and did not say why."


class _Reader(threading.Thread):
    """Reads to the end what a program writes, and keeps the last of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(name="output", daemon=True)
        self._stream = stream
        self._kept = bytearray()

    def run(self) -> None:
        with self._stream:
            while chunk := os.read(self._stream.fileno(), CHUNK):
                self._kept += chunk
                if len(self._kept) > 2 * MOST:
                    del self._kept[:-MOST]

    @property
    def text(self) -> str:
        return self._kept[-MOST:].decode(errors="replace")


def _await(
    process: "subprocess.Popen[bytes]",
    stdin: str,
    *,
    until: float,
    is_given_up: Callable[[], bool],
) -> str:
    heard, said = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    reader, error = _Reader(said), None
    reader.start()
    with contextlib.suppress(BrokenPipeError), heard:
        heard.write(stdin.encode(errors="replace"))
    while error is None:
        if _has_ended(process, reader):
            return reader.text
        error = _reason_to_stop(until, is_given_up)
    process.kill()
    process.wait()
    reader.join(LOOK_SECONDS)  # what it has started may hold on to the pipe
    raise error


def _has_ended(process: "subprocess.Popen[bytes]", reader: _Reader) -> bool:
    """Whether it is over and has said everything; waits for a moment."""
    reader.join(LOOK_SECONDS)
    if reader.is_alive():
        return False
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LOOK_SECONDS)
    return process.returncode is not None


def _reason_to_stop(until: float, is_given_up: Callable[[], bool]) -> Exception | None:
    if is_given_up():
        return Superseded()
    return EngineFailed(problem="It took too long.") if time.monotonic() > until else None
