"""Several writers, one chain."""

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from audit.models import AuditEvent, AuditHead
from audit.verification import verify
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8
EVENTS = 25


def write(name: str, barrier: Barrier) -> None:
    """Each third change is undone, and takes its event with it."""
    barrier.wait(timeout=10)
    for number in range(EVENTS):
        with transaction.atomic():
            make_event(actor=person(name))
            transaction.set_rollback(number % 3 == 2)
    connection.close()


def test_concurrent_appends_make_one_unbroken_chain() -> None:
    barrier = Barrier(WRITERS)
    threads = [Thread(target=write, args=(f"w{n}", barrier)) for n in range(WRITERS)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    written = WRITERS * (EVENTS - EVENTS // 3)
    report = verify()
    assert report.is_intact, report.first_bad
    assert report.checked == AuditEvent.objects.count() == written
    assert AuditHead.objects.get().last_id == written


def test_first_event_of_all_is_written_once_by_each() -> None:
    """The head's row does not exist yet when they all begin."""
    barrier = Barrier(4)

    def act() -> None:
        barrier.wait(timeout=10)
        make_event()
        connection.close()

    threads = [Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert verify().checked == 4
