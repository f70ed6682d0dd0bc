"""The freeze: nothing replicated changes while leadership moves, and it ends by itself."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from time_machine import TimeMachineFixture

from cluster import freeze, state
from cluster.errors.leadership import LeadershipMoving
from cluster.models import Cluster
from cluster.services.settings import change_cluster
from tests.cluster.factories import ADMIN
from tests.cluster.pairs import Pair

pytestmark = pytest.mark.django_db


def test_change_is_refused_while_frozen(pair: Pair) -> None:
    freeze.hold()

    with pytest.raises(LeadershipMoving):
        change_cluster(actor=ADMIN, label="Ships")

    assert Cluster.objects.get().label == "Fleet"


def test_freeze_makes_one_last_generation(pair: Pair) -> None:
    begun = freeze.hold()
    renewed = freeze.hold()

    assert (begun, renewed, Cluster.objects.get().generation) == (False, True, 2)


def test_freeze_ends_by_itself(pair: Pair, time_machine: TimeMachineFixture) -> None:
    freeze.hold()
    time_machine.move_to(timezone.now() + timedelta(seconds=16))

    change_cluster(actor=ADMIN, label="Ships")

    assert (freeze.is_frozen(), Cluster.objects.get().label) == (False, "Ships")


def test_freeze_that_ended_begins_anew_with_a_new_generation(
    pair: Pair, time_machine: TimeMachineFixture
) -> None:
    freeze.hold()
    time_machine.move_to(timezone.now() + timedelta(seconds=16))

    assert freeze.hold() is False
    assert Cluster.objects.get().generation == 3


def test_thaw_ends_it_at_once(pair: Pair) -> None:
    freeze.hold()

    freeze.thaw()

    assert state.bump() == 3


def test_edges_can_ask_before_they_begin(pair: Pair) -> None:
    freeze.check_not_frozen()
    freeze.hold()

    with pytest.raises(LeadershipMoving):
        freeze.check_not_frozen()


@pytest.mark.django_db(transaction=True)
def test_no_acknowledged_write_slips_behind_the_freeze(pair: Pair) -> None:
    """Whoever was answered is in the last state; whoever is not in it was refused."""
    acknowledged: list[str] = []
    started = threading.Barrier(4)

    def write(name: str) -> None:
        started.wait()
        try:
            for number in range(40):
                with transaction.atomic():
                    Cluster.objects.select_for_update().get()
                    Cluster.objects.update(label=f"{name}{number}")
                    state.bump()
                acknowledged.append(f"{name}{number}")
        except LeadershipMoving:
            pass
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    started.wait()
    freeze.hold()
    last = state.read_document()
    for writer in writers:
        writer.join()

    labels = [*acknowledged, "Fleet"]
    assert last["cluster"]["label"] in labels
    assert Cluster.objects.get().label == last["cluster"]["label"]
    assert last["generation"] == 2 + len(acknowledged)
