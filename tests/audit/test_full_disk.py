"""On a full disk people log in to look, root finds the way back, and nothing else is changed."""

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.models import Administrator
from audit import reserve
from audit.errors import AuditUnavailable
from audit.tasks import index_events
from tests.accounts.factories import (
    NEW_PASSWORD,
    api_client,
    browser,
    codes_of,
    make_administrator,
    people,
)
from tests.audit.factories import make_event

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own file")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reserve is, and nothing else."""
    made = tmp_path / "disk"
    made.mkdir()
    monkeypatch.setattr(reserve, "directory", lambda: made)
    return made


def size(directory: Path) -> int:
    return sum(each.stat().st_size for each in directory.iterdir())


@pytest.fixture
def free(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Says how much is free on the disk, with what the reserve takes."""
    present = 0

    def say(number: int) -> None:
        nonlocal present
        present = number

    monkeypatch.setattr(reserve, "_free", lambda: present - size(disk))
    say(10 * reserve.SIZE)
    index_events()
    return say


@pytest.mark.usefixtures("free")
def test_room_is_kept(disk: Path) -> None:
    [kept] = disk.iterdir()

    assert (kept.stat().st_size, kept.stat().st_mode & 0o777) == (reserve.SIZE, 0o600)


def test_room_that_a_quota_denies_is_asked_for_again(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty file would pass for it, and nothing else would be looked after meanwhile."""
    reserve.give_up()
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", deny)
        reserve.keep()
    assert [path.name for path in disk.iterdir()] == ["audit-reserve-spent"]

    reserve.keep()

    assert [path.stat().st_size for path in disk.iterdir()] == [reserve.SIZE]


def deny(*_: object) -> None:
    raise OSError(errno.EDQUOT, "Disk quota exceeded")


def test_change_is_refused_before_the_disk_is_full(free: Callable[[int], None]) -> None:
    client = api_client(make_administrator("ann"))
    client.raise_request_exception = False

    free(reserve.SIZE + reserve.LOW - 1)
    answer = client.post("/api/v1/administrators/", {"username": "bob"}, format="json")

    assert (answer.status_code, codes_of(answer)) == (503, ["audit_unavailable"])
    assert people() == {"ann"}


def test_room_is_given_up_for_who_logs_in_to_look(free: Callable[[int], None], disk: Path) -> None:
    free(reserve.SIZE)

    assert browser(make_administrator("ann")).get("/audit/").status_code == 200
    assert size(disk) == 0
    with pytest.raises(AuditUnavailable):
        make_event()


def test_room_is_given_up_for_root(free: Callable[[int], None]) -> None:
    make_administrator("ann")
    data = json.dumps({"user": "ann", "set": {"password": NEW_PASSWORD, "2fa": False}})
    free(reserve.SIZE)

    call_command("alter_user", "--data", data, stdout=io.StringIO(), stderr=io.StringIO())

    assert Administrator.objects.get(username="ann").check_password(NEW_PASSWORD)


def test_changes_are_taken_again_when_there_is_space_again(free: Callable[[int], None]) -> None:
    free(reserve.SIZE)
    browser(make_administrator("ann"))
    free(reserve.ENOUGH - 1)
    index_events()
    assert reserve.is_needed()

    free(reserve.ENOUGH)
    index_events()

    assert not reserve.is_needed()
    make_event()


@contextmanager
def growing_no_more() -> Iterator[None]:
    """SQLite says that the disk is full as soon as it needs another page, and none is empty."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 4294967294")


@contextmanager
def read_only() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")


@on_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outage", [growing_no_more, read_only])
def test_database_that_takes_no_change_is_a_refusal(
    outage: Callable[[], AbstractContextManager[None]],
) -> None:
    """Also where another table than the trail's is the first that cannot be written."""
    client = api_client(make_administrator("ann"))
    client.raise_request_exception = False
    with outage():
        answers = [
            client.post(
                "/api/v1/administrators/",
                {"username": f"ann{number}", "full_name": "x" * 100},
                format="json",
            )
            for number in range(20)
        ]

    refused = [answer for answer in answers if answer.status_code != 201]
    assert {codes_of(answer)[0] for answer in refused} == {"audit_unavailable"}
    assert {answer.status_code for answer in refused} == {503}
    assert refused
    assert len(people()) == 21 - len(refused)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real one, in memory."""
    made = tmp_path / "small"
    made.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(made)]
    subprocess.run(mount, check=True)
    yield made
    subprocess.run(["umount", str(made)], check=True)


@pytest.mark.lab
@on_sqlite
def test_real_disk_fills_and_is_emptied_again(small_disk: Path) -> None:
    variables = os.environ | {"FLOTILLA_STATE_DIR": str(small_disk), "PYTEST_XDIST_WORKER": ""}
    variables.pop("FLOTILLA_TEST_DATABASE_URL", None)
    told = subprocess.run(
        [sys.executable, "-m", "tests.audit.full_disk_story"],
        cwd=settings.BASE_DIR,
        env=variables,
        capture_output=True,
        check=True,
    )

    story = json.loads(told.stdout)
    assert (story["change before"], story["change on a full disk"]) == (201, 503)
    assert (story["trail seen after log-in"], story["root's reset worked"]) == (200, True)
    assert story["change while room is given up"] == 503
    assert story["change with space again"] == 201
    assert story["people"] == ["ann", "bob", "mia", "zoe"]
    assert story["intact"]
    assert story["actions"].count("administrator.created") == 2
