"""Nodes that do not follow a new leader are named until they do."""

import pytest

from cluster import stragglers, tasks
from cluster.models import Cluster, FollowUp
from nodes.models import Node
from tests.cluster.factories import hear_from
from tests.cluster.pairs import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def behind(pair: Pair) -> FollowUp:
    """Node 2 has not been heard since the leader changed."""
    hear_from(1, term=1)
    stragglers.note()
    return FollowUp.objects.get()


def test_straggler_is_noted_once(behind: FollowUp) -> None:
    stragglers.note()

    assert FollowUp.objects.get().subject == "node2"


def test_entry_settles_itself_when_the_node_follows(behind: FollowUp) -> None:
    hear_from(2, term=1)

    tasks.sweep()

    behind.refresh_from_db()
    assert (behind.settled_at is not None, behind.settled_by) == (True, "system")


def test_entry_stays_while_the_node_is_behind(behind: FollowUp) -> None:
    tasks.sweep()

    assert FollowUp.objects.open().exists()


def test_entry_of_a_node_that_was_removed_settles(behind: FollowUp) -> None:
    Node.objects.filter(pk=2).update(state=Node.State.REMOVED)

    tasks.sweep()

    assert not FollowUp.objects.open().exists()


def test_looking_costs_no_generation(behind: FollowUp) -> None:
    before = Cluster.objects.get().generation

    tasks.sweep()

    assert Cluster.objects.get().generation == before
