"""The real web, gunicorn with its processes on the tests' own database, and a plain browser."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from tests.lab.waiting import eventually

START_SECONDS = 30
STARTING_SECONDS = 0.2
"""Of processor time, at most, before the first request."""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
CONTEXT = ssl._create_unverified_context()  # noqa: S323  # on the loopback, made by this test


@dataclass
class Web:
    """One gunicorn; ``start`` after ``kill`` is a restart."""

    processes: int
    port: int
    settings_module: str = "tests.settings"
    gunicorn: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        variables = {
            "DJANGO_SETTINGS_MODULE": self.settings_module,
            "FLOTILLA_STATE_DIR": str(settings.STATE_DIR),
            "FLOTILLA_DATABASE_URL": _database_url(),
            "FLOTILLA_TEST_DATABASE_URL": _database_url(),
            "FLOTILLA_LISTEN": f"127.0.0.1:{self.port}",
            "FLOTILLA_WEB_PROCESSES": str(self.processes),
        }
        command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
        self.gunicorn = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=os.environ | variables,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._answers, within=START_SECONDS)

    def kill(self) -> None:
        """As a power cut would, all at once."""
        if self.gunicorn is not None:
            os.killpg(self.gunicorn.pid, signal.SIGKILL)
            self.gunicorn.wait()
            self.gunicorn = None

    def connect(self) -> HTTPSConnection:
        return HTTPSConnection("127.0.0.1", self.port, context=CONTEXT, timeout=30)

    def cpu_seconds(self) -> float:
        """Processor time of those that answer."""
        return sum(map(_cpu_seconds, self.workers()))

    def busy_processes(self) -> int:
        """How many of those that answer have had more to do than to start."""
        return sum(_cpu_seconds(pid) > STARTING_SECONDS for pid in self.workers())

    def workers(self) -> list[str]:
        """Process ids of those that answer."""
        assert self.gunicorn is not None
        pid = self.gunicorn.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def _answers(self) -> bool:
        with closing(self.connect()) as asked:
            try:
                asked.request("GET", "/healthz")
                return asked.getresponse().status == 200
            except OSError:
                return False


def _cpu_seconds(pid: str) -> float:
    """``utime`` and ``stime`` of proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{values['NAME']}"
    return f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"


@contextmanager
def running_web(*, processes: int, settings_module: str = "tests.settings") -> Iterator[Web]:
    """It runs inside this block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        web = Web(processes, free.getsockname()[1], settings_module)
    try:
        web.start()
        yield web
    finally:
        web.kill()


@dataclass
class Visitor:
    """A browser without pictures: cookies, and the token against forgery of the last page."""

    web: Web
    forwarded: str
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    page: str = ""

    def get(self, path: str) -> int:
        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> int:
        """Fill in the form of the last page."""
        found = TOKEN.search(self.page)
        token = found[1] if found else ""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": token} | fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> int:
        with closing(self.web.connect()) as server:
            server.request(method, path, body, self._headers())
            answer = server.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(line)
            self.page = answer.read().decode()
            return answer.status

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": "; ".join(f"{name}={kept.value}" for name, kept in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://127.0.0.1:{self.web.port}/login/",
            "X-Forwarded-For": self.forwarded,
        }
