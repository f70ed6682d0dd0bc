"""Twenty people log in at once, and somebody else only wants to see the nodes.

The real gunicorn with the product's own settings, on the database of ``tests.bench.guessing``.
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from pathlib import Path
from threading import Barrier

from django.conf import settings

from accounts.services.tokens import create_token
from audit.actor import Actor
from config import environment
from tests.accounts.factories import PASSWORD, make_administrator
from tests.cluster.factories import add_node, create_cluster
from tests.fakes import FakeAgent
from tests.web import Web, running_web

PEOPLE, WATCHERS, NODES = 20, 2, 16


def prepare(directory: Path) -> None:
    """A leader with workers, and everybody who will log in."""
    agent = FakeAgent(directory)
    settings.LOCAL_AGENT = agent
    assert agent.node_file == environment.NODE_FILE
    create_cluster(max_nodes=NODES)
    for number in range(2, NODES + 1):
        add_node(number)
    for number in range(PEOPLE):
        make_administrator(f"sailor{number}")


def measure(*, rounds: int) -> dict[str, list[float]]:
    """Seconds: of each login, of each list of nodes meanwhile; and the web's, of the processor."""
    token = named_token()
    seen: dict[str, list[float]] = {"logins": [], "lists": [], "processor": []}
    for _ in range(rounds):  # each with a new web, which has counted no logins yet
        with running_web(processes=1, settings_module="config.settings") as web:
            _watch(web, token, until=lambda: True)
            before = web.cpu_seconds()
            _crowd(web, token, seen)
            seen["processor"].append(web.cpu_seconds() - before)
    return seen


def named_token() -> str:
    return create_token(make_administrator("watch"), actor=Actor.system(), name="watch")[1]


def _crowd(web: Web, token: str, seen: dict[str, list[float]]) -> None:
    """All at once, while the watchers ask one after the other."""
    together = Barrier(PEOPLE)
    with ThreadPoolExecutor(PEOPLE + WATCHERS) as pool:
        logins = [pool.submit(_log_in, web, f"sailor{n}", together) for n in range(PEOPLE)]
        watchers = [
            pool.submit(_watch, web, token, until=lambda: all(login.done() for login in logins))
            for _ in range(WATCHERS)
        ]
        seen["logins"] += [login.result() for login in logins]
        seen["lists"] += chain.from_iterable(watcher.result() for watcher in watchers)


def _log_in(web: Web, username: str, together: Barrier) -> float:
    asked = json.dumps({"username": username, "password": PASSWORD})
    with closing(web.connect()) as server:
        server.connect()
        together.wait()
        began = time.perf_counter()
        server.request("POST", "/api/v1/auth/login/", asked, {"Content-Type": "application/json"})
        answer = server.getresponse()
        assert answer.status == 200, answer.read()
        return time.perf_counter() - began


def _watch(web: Web, token: str, *, until: Callable[[], bool]) -> list[float]:
    """On a connection that is kept, as a page and a program keep theirs."""
    taken: list[float] = []
    with closing(web.connect()) as server:
        while not taken or not until():
            began = time.perf_counter()
            server.request("GET", "/api/v1/nodes/", headers={"Authorization": f"Bearer {token}"})
            answer = server.getresponse()
            assert len(json.loads(answer.read())["results"]) == NODES
            taken.append(time.perf_counter() - began)
    return taken
