"""What the time that a refusal takes gives away, and what logins cost, one and many at once.

``python -m tests.bench.guessing TRIES ROUNDS`` has a SQLite database of its own and the product's
own hasher. Every request comes from another address, so that no limit is reached. Prints JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()
settings.PASSWORD_HASHERS = ["accounts.hashing.PatientArgon2Hasher"]

from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from accounts.models import Administrator  # noqa: E402
from config import environment  # noqa: E402
from config.prepare import prepare_files  # noqa: E402
from tests.accounts.factories import (  # noqa: E402
    PASSWORD,
    api_client,
    enable_totp,
    login,
    make_administrator,
)
from tests.bench import crowd  # noqa: E402

WRONG = "staple the battery"
PEOPLE = 50
"""A page of administrators."""


@dataclass(frozen=True)
class Way:
    """One way of being refused, or let in."""

    name: str
    given: dict[str, str]
    status: int = 401


WAYS = (
    Way("unknown user", {"username": "nobody", "password": WRONG}),
    Way("unknown user, with a code", {"username": "nobody", "password": WRONG, "otp": "000000"}),
    Way("wrong password", {"username": "ann", "password": WRONG}),
    Way("wrong password, second factor", {"username": "protected", "password": WRONG}),
    Way("wrong password and code", {"username": "protected", "password": WRONG, "otp": "000000"}),
    Way("wrong code", {"username": "protected", "password": PASSWORD, "otp": "000000"}),
    Way("no code", {"username": "protected", "password": PASSWORD}),
    Way("blocked network", {"username": "blocked", "password": PASSWORD}),
    Way("inactive", {"username": "sleeping", "password": PASSWORD}),
)
RIGHT = Way("right", {"username": "ann", "password": PASSWORD}, 200)


def prepare() -> None:
    """A leader with somebody for each way."""
    prepare_files()
    call_command("migrate", verbosity=0)
    crowd.prepare(environment.NODE_FILE.parent)
    make_administrator("ann")
    make_administrator("blocked", allowed_networks=["192.0.2.0/24"])
    make_administrator("sleeping", is_active=False)
    enable_totp(make_administrator("protected"))
    for number in range(PEOPLE - 5 - crowd.PEOPLE):
        make_administrator(f"user{number}")


def attempt(way: Way, number: int) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    client = APIClient(REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")
    Administrator.objects.update(wrong_codes=0, wrong_code_at=None)
    cache.clear()
    clock, processor = time.perf_counter(), time.process_time()
    answer = login(client, **way.given)
    taken = time.perf_counter() - clock, time.process_time() - processor
    assert answer.status_code == way.status, (way.name, answer.content)
    return taken


def measure_ways(tries: int) -> dict[str, list[tuple[float, float]]]:
    """Turn and turn about, because the machine is not always as fast."""
    taken: dict[str, list[tuple[float, float]]] = {way.name: [] for way in (*WAYS, RIGHT)}
    for number in range(-2, tries):
        for way in (*WAYS, RIGHT):
            seconds = attempt(way, number + 2)
            if number >= 0:
                taken[way.name].append(seconds)
    return taken


def measure_list(tries: int) -> dict[str, Any]:
    """A page of administrators, as an authenticated program asks for it."""
    client = api_client(make_administrator("program"))
    ask: Callable[[], Any] = lambda: client.get("/api/v1/administrators/")  # noqa: E731
    assert len(ask().json()["results"]) == PEOPLE
    with CaptureQueriesContext(connection) as captured:
        ask()
    queries = len(captured)
    seconds = []
    for _ in range(tries):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return {"queries": queries, "seconds": seconds}


def main(arguments: Sequence[str]) -> None:
    tries, rounds = map(int, arguments)
    prepare()
    seen = {"ways": measure_ways(tries), "list": measure_list(tries)}
    print(json.dumps(seen | {"crowd": crowd.measure(rounds=rounds)}))


if __name__ == "__main__":
    main(sys.argv[1:])
