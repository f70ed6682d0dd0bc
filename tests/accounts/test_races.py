"""What only one of several may win, with real threads and connections."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from accounts.errors import AdministratorNotFound, LastAdministrator, UsernameTaken
from accounts.models import Administrator, Authenticator
from accounts.services import change_administrator, create_administrator, delete_administrator
from accounts.services.codes import Verdict, judge_code
from audit.actor import Actor, ActorKind, Interface
from audit.verification import verify
from config.errors import DomainError
from tests.accounts.factories import enable_totp, make_administrator

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert Authenticator.objects.get().failures == 0


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
