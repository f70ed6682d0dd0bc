"""Programs that say something all the time, on every host, and know what they have said."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.host import Host

PAUSE = 0.1


@dataclass
class Chatter:
    """How many lines each host has written; whole when the talking is over."""

    lines: dict[str, int] = field(default_factory=dict)

    @property
    def said(self) -> set[str]:
        """Every line."""
        return {
            _line(host, number) for host, count in self.lines.items() for number in range(count)
        }


@contextlib.contextmanager
def talking(
    hosts: Sequence[Host], *, program: str, at_least: int, at_once: int
) -> Iterator[Chatter]:
    """Write lines to a log of each host for as long as the block lasts, and until it is enough."""
    told, over = Chatter({host.name: 0 for host in hosts}), threading.Event()
    talks = [
        threading.Thread(target=_talk, args=(host, program, at_least, at_once, told, over))
        for host in hosts
    ]
    for talk in talks:
        talk.start()
    try:
        yield told
    finally:
        over.set()
        for talk in talks:
            talk.join()


def log_of(host: Host, program: str) -> Path:
    return host.state_dir / "log" / f"{program}.log"


def _talk(
    host: Host, program: str, at_least: int, at_once: int, told: Chatter, over: threading.Event
) -> None:
    with log_of(host, program).open("a", buffering=1 << 20) as log:
        while told.lines[host.name] < at_least or not over.is_set():
            first = told.lines[host.name]
            log.writelines(f"{_line(host.name, first + n)}\n" for n in range(at_once))
            log.flush()
            told.lines[host.name] = first + at_once
            over.wait(PAUSE)


def _line(host: str, number: int) -> str:
    return f"{host} says {number:07d}"
