"""What only one of several may win, with real threads and connections."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.errors import AdministratorNotFound, LastAdministrator, UsernameTaken
from accounts.models import Administrator
from accounts.services import change_administrator, create_administrator, delete_administrator
from accounts.services.codes import Verdict, judge_code
from audit.actor import Actor, ActorKind, Interface
from audit.verification import verify
from config.databases import sqlite
from config.errors import DomainError
from tests.accounts.factories import api_client, enable_totp, login, make_administrator

pytestmark = pytest.mark.django_db(transaction=True)
LOCKED_SECONDS = 0.5
"""Long enough for the other to have to wait."""


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned, or the DomainError that it raised."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        barrier.wait(timeout=10)
        try:
            results[number] = act()
        except DomainError as refused:
            results[number] = refused  # type: ignore[call-overload]  # either is a result
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def person(name: str) -> Actor:
    return Actor(name, ActorKind.ADMINISTRATOR, Interface.API)


def test_two_administrators_who_delete_each_other_leave_one() -> None:
    """S46, S47."""
    ann, bob = make_administrator("ann"), make_administrator("bob")

    results = at_once(
        lambda: delete_administrator(bob, actor=person("ann")),
        lambda: delete_administrator(ann, actor=person("bob")),
    )

    assert Administrator.objects.count() == 1
    assert [type(result) for result in results if result] == [LastAdministrator]


def test_two_administrators_who_demote_each_other_leave_one() -> None:
    ann, bob = make_administrator("ann"), make_administrator("bob")

    results = at_once(
        lambda: change_administrator(bob, actor=person("ann"), role="auditor") and None,
        lambda: change_administrator(ann, actor=person("bob"), is_active=False) and None,
    )

    assert Administrator.objects.able_to_administer().count() == 1
    assert [type(result) for result in results if result] == [LastAdministrator]


def test_account_is_deleted_once() -> None:
    make_administrator("ann")
    bob = make_administrator("bob")

    results = at_once(*[lambda: delete_administrator(bob, actor=Actor.root())] * 4)

    refused = [type(result) for result in results if result]
    assert refused == [AdministratorNotFound] * 3


def test_name_is_given_once() -> None:
    results = at_once(*[lambda: create_administrator(actor=Actor.root(), username="bob")] * 4)

    assert sum(isinstance(result, UsernameTaken) for result in results) == 3
    assert Administrator.objects.count() == 1


def test_of_twenty_logins_with_one_code_one_succeeds_and_nobody_is_locked() -> None:
    ann = make_administrator("ann")
    application, _ = enable_totp(ann)
    code = application.code()

    verdicts = at_once(*[lambda: judge_code(ann, actor=person("ann"), code=code)] * 20)

    assert sorted(verdicts) == [Verdict.RIGHT] + [Verdict.USED] * 19
    assert Administrator.objects.get(username="ann").wrong_codes == 0


def test_recovery_code_is_taken_once() -> None:
    ann = make_administrator("ann")
    _, codes = enable_totp(ann)

    verdicts = at_once(*[lambda: judge_code(ann, actor=person("ann"), code=codes[0])] * 4)

    assert sorted(verdicts) == [Verdict.RIGHT] + [Verdict.WRONG] * 3


def test_of_many_wrong_codes_at_once_ten_are_looked_at() -> None:
    ann = make_administrator("ann")
    enable_totp(ann)

    verdicts = at_once(*[lambda: judge_code(ann, actor=person("ann"), code="000000")] * 30)

    assert verdicts.count(Verdict.WRONG) == 10
    assert verdicts.count(Verdict.BLOCKED) == 20


def test_trail_holds_after_all_that() -> None:
    ann, bob = make_administrator("ann"), make_administrator("bob")

    at_once(
        *[lambda: change_administrator(ann, actor=Actor.root(), full_name="Ann")] * 3,
        *[lambda: delete_administrator(bob, actor=Actor.root())] * 3,
    )

    assert verify().is_intact


def test_of_twenty_requests_with_one_code_one_logs_in_and_nobody_is_locked() -> None:
    """The same at the API's door, password and all."""
    ann = make_administrator("ann")
    application, _ = enable_totp(ann)
    code = application.code()

    answers = at_once(*[lambda: login(username="ann", otp=code).status_code] * 20)

    assert sorted(answers) == [200] + [401] * 19
    assert Administrator.objects.get(username="ann").wrong_codes == 0
    ann.refresh_from_db()
    assert ann.failures_before_login + ann.failures_since_login == 19


def test_two_who_delete_each_other_by_api_leave_one() -> None:
    """S46, S47: at the door where both are let in, until one of them is gone."""
    clients = {name: api_client(make_administrator(name)) for name in ("ann", "bob")}

    answers = at_once(
        lambda: clients["ann"].delete("/api/v1/administrators/bob/").status_code,
        lambda: clients["bob"].delete("/api/v1/administrators/ann/").status_code,
    )

    assert Administrator.objects.count() == 1
    assert answers.count(204) == 1
    assert set(answers) <= {204, 401, 409}


def test_reset_waits_for_another_writer() -> None:
    """S53: the way back in works while the database is locked by somebody else."""
    make_administrator("ann")
    locked, said = Event(), StringIO()

    def write_for_long() -> None:
        with transaction.atomic():
            list(Administrator.objects.select_for_update())
            locked.set()
            Event().wait(timeout=LOCKED_SECONDS)

    def reset() -> None:
        locked.wait(timeout=10)
        call_command("reset_password", "ann", json=True, stdout=said)

    results = at_once(write_for_long, reset)

    assert results == [None, None]
    password = json.loads(said.getvalue())["one_time_password"]
    assert login(username="ann", password=password).status_code == 200
    assert Administrator.objects.get().must_change_password


def test_writer_waits_longer_than_others_write() -> None:
    """Four times the five seconds for which a writer may hold the database."""
    assert sqlite(Path("any"))["OPTIONS"]["timeout"] == 20
