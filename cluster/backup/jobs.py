"""Jobs, seen from those who start them: a process each, which may outlive the one that began it.

A job holds a lock on a file for as long as it lives, whoever its parent was: so it is known after
a crash whether it still runs, and a number that was given to another process misleads nobody.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from cluster.errors.backup import BackupJobDied
from config.errors import DomainError

SECONDS = 120
"""The longest that somebody who waits for an answer may have to."""


class JobRefused(DomainError):
    """The job's own refusal, passed on with its code, field and status."""

    code = "backup_job_refused"
    message = "{detail}"

    def __init__(self, *, code: str, detail: str, field: str | None, status: int) -> None:
        super().__init__(field=field, detail=detail)
        vars(self).update(code=code, status=status)  # this refusal's own, not the class's


@dataclass(frozen=True, slots=True)
class Job:
    """One order, by a name of its own in a folder of its own."""

    folder: Path
    verb: str
    name: str

    @property
    def lock(self) -> Path:
        return self.folder / f"{self.name}.lock"

    @property
    def result(self) -> Path:
        return self.folder / f"{self.name}.result"


class Jobs(Protocol):
    """Where orders are carried out; all calls are safe to repeat."""

    def begin(self, job: Job, order: Mapping[str, Any]) -> None:
        """Unless it runs, or has ended."""
        ...

    def is_running(self, job: Job) -> bool: ...

    def find_answer(self, job: Job) -> dict[str, Any] | None:
        """None while there is none; raises ``JobRefused``."""
        ...

    def stop(self, job: Job) -> None: ...

    def ask(self, verb: str, order: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
        """Wait for the answer; raises ``JobRefused``, ``BackupJobDied``."""
        ...


class Processes:
    """The real ones."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []

    def begin(self, job: Job, order: Mapping[str, Any]) -> None:
        self._reap()
        with job.lock.open("a+b") as lock:
            if job.result.exists() or not _take(lock.fileno()):
                return
            child = _start(job, inherits=lock.fileno())
            lock.truncate(0)
            lock.write(str(child.pid).encode())
        self._children.append(child)
        _tell(child, order)

    def is_running(self, job: Job) -> bool:
        self._reap()
        try:
            with job.lock.open("rb") as lock:
                return not _take(lock.fileno())
        except FileNotFoundError:
            return False

    def find_answer(self, job: Job) -> dict[str, Any] | None:
        return read_result(job.result)

    def stop(self, job: Job) -> None:
        if self.is_running(job):
            with suppress(ProcessLookupError, ValueError):
                os.killpg(int(job.lock.read_bytes()), signal.SIGKILL)

    def ask(self, verb: str, order: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
        job = Job(folder, verb, verb)
        child = _start(job)
        _tell(child, order)
        try:
            child.wait(SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        answer = self.find_answer(job)
        job.result.unlink(missing_ok=True)
        if answer is None:
            raise BackupJobDied
        return answer

    def _reap(self) -> None:
        self._children = [child for child in self._children if child.poll() is None]


def read_result(path: Path) -> dict[str, Any] | None:
    """What a job has left there; raises ``JobRefused``."""
    try:
        outcome = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    if "error" in outcome:
        raise JobRefused(**outcome["error"])
    answer: dict[str, Any] = outcome["answer"]
    return answer


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(job: Job, *, inherits: int | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "cluster.backup.job", job.verb, str(job.result)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        pass_fds=() if inherits is None else (inherits,),
        start_new_session=True,
    )


def _tell(child: subprocess.Popen[bytes], order: Mapping[str, Any]) -> None:
    """A child that has died says so by its missing result."""
    if child.stdin is not None:
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(json.dumps(order).encode())


_processes = Processes()


def get_jobs() -> Jobs:
    """The processes of this machine, or what the setting ``BACKUP_JOBS`` puts in their place."""
    other: Jobs | str | None = getattr(settings, "BACKUP_JOBS", None)
    if isinstance(other, str):
        made: Jobs = import_string(other)()
        return made
    return other or _processes


def stop_all(folder: Path) -> None:
    """Whatever still runs there."""
    for lock in folder.glob("*.lock"):
        get_jobs().stop(Job(folder, "", lock.stem))
