"""Places where a test may stop the world: no-ops unless ``settings.FAILPOINTS`` names a file.

The file holds one line, ``name:action``; it is deleted when it fires, so that it fires once.
"""

import os
import signal
from pathlib import Path

from django.conf import settings


class SimulatedCrash(BaseException):
    """The process ends here, as far as the code can tell: no handler may catch it."""


def failpoint(name: str) -> None:
    """Do here what the failpoint file says, if it names this place.

    Actions: ``raise`` (SimulatedCrash), ``kill`` (this process), ``kill:web`` (or celery, agent,
    broker: the supervised process of that name), ``kill:4711`` (any process, or with a minus its
    group: the lab's hosts share one numbering, so that one side can be struck when the other gets
    here), ``power`` (all of them). Kills are SIGKILL.
    """
    if settings.FAILPOINTS is None:
        return
    path = Path(settings.FAILPOINTS)
    try:
        wanted, _, action = path.read_text().strip().partition(":")
        if wanted != name:
            return
        path.unlink()
    except FileNotFoundError:  # there is none, or another thread was first
        return
    _fire(name, action)


def _fire(name: str, action: str) -> None:
    if action == "raise":
        raise SimulatedCrash(name)
    for pid in _victims(action):
        os.kill(pid, signal.SIGKILL)


def _victims(action: str) -> list[int]:
    """Process ids to kill, or with a minus groups; ours last, or it would spare the others."""
    victim = action.removeprefix("kill:")
    if action == "kill":
        return [os.getpid()]
    if victim.removeprefix("-").isdigit():
        return [int(victim)]
    from config.processes import pids  # only where a supervisor runs

    if action == "power":
        return sorted((-pid for pid in pids().values()), key=lambda group: group == -os.getpgrp())
    return [pids()[victim]]
