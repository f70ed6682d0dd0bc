"""Several processes write the trail, and some of them die: S44 holds for each change."""

import random
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest
from django.db import transaction

from accounts.services.administrators import create_administrator, delete_administrator
from audit.actions import AuditAction
from audit.models import AuditEvent, AuditHead
from audit.verification import verify
from tests.accounts.factories import make_administrator, people
from tests.audit.factories import make_event, person
from tests.audit.proofs import FULL, forked

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, EVENTS = (8, 5000) if FULL else (4, 50)
KILLS = 100 if FULL else 5
LONGEST = 0.05
"""Seconds that a process has left after a change, at most."""


def append(name: str) -> None:
    for number in range(EVENTS):
        make_event(actor=person(name), details={"number": number})


def test_processes_that_append_at_once_make_one_unbroken_chain() -> None:
    names = [f"writer{number}" for number in range(WRITERS)]

    with forked(append, arguments=[(name,) for name in names]) as processes:
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * WRITERS

    report = verify()
    assert (report.first_bad, report.checked) == (None, WRITERS * EVENTS)
    assert AuditEvent.objects.latest("id").pk == AuditEvent.objects.count() == WRITERS * EVENTS
    assert [AuditEvent.objects.filter(user=name).count() for name in names] == [EVENTS] * WRITERS


def change(told: Connection, prefix: str) -> None:
    """Make accounts without end, and delete every other one; each change is acknowledged."""
    number = 0
    while True:
        number += 1
        made, _ = create_administrator(actor=person("ann"), username=f"{prefix}-{number}")
        told.send((AuditAction.ADMINISTRATOR_CREATED, made.username))
        if number % 2:
            delete_administrator(made, actor=person("ann"))
            told.send((AuditAction.ADMINISTRATOR_DELETED, made.username))


def acknowledged_before_the_kill(prefix: str, chance: random.Random) -> set[tuple[str, str]]:
    """What a process had acknowledged when it was killed in the middle of its work."""
    heard, told = Pipe(duplex=False)
    with forked(change, arguments=[(told, prefix)]) as [process]:
        told.close()
        acknowledged = [heard.recv() for _ in range(chance.randint(1, 4))]
        process.join(timeout=LONGEST * chance.random())
        process.kill()
        process.join()
        with suppress(EOFError):
            while True:
                acknowledged.append(heard.recv())
    return {(str(action), name) for action, name in acknowledged}


@transaction.atomic
def recorded() -> tuple[set[tuple[str, str]], set[str]]:
    """The events, and who is there: what the dead process has begun to commit is waited for."""
    AuditHead.objects.select_for_update().get()
    events = AuditEvent.objects.order_by("id").values_list("action", "target_label")
    return set(events), people()


def test_change_and_its_event_survive_a_kill_together_or_not_at_all() -> None:
    """Every acknowledged change has its event; no event is without its change."""
    make_administrator("ann")
    chance = random.Random(5)  # noqa: S311  # no secret, and the same again
    acknowledged: set[tuple[str, str]] = set()

    for number in range(KILLS):
        acknowledged |= acknowledged_before_the_kill(f"kill{number}", chance)
        events, there = recorded()

        assert acknowledged <= events
        created = {name for action, name in events if action == AuditAction.ADMINISTRATOR_CREATED}
        deleted = {name for action, name in events if action == AuditAction.ADMINISTRATOR_DELETED}
        assert there == {"ann"} | created - deleted
    assert verify().is_intact
