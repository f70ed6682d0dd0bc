"""Copies of the world that most of the cluster's tests begin in."""

from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from audit.verification import verify
from cluster import state
from tests import worlds
from tests.cluster.factories import create_cluster
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, local_agent: FakeAgent) -> worlds.World:
    """One of which nothing is left in the database."""
    with transaction.atomic():
        made = worlds.observe(create_cluster, local_agent)
        transaction.set_rollback(True)
    return made


def test_copied_cluster_goes_on(world: worlds.World, local_agent: FakeAgent) -> None:
    world.copy(local_agent)

    state.bump()
    signed = state.publish()

    assert signed is not None
    assert (signed.generation, local_agent.status()["role"]) == (2, "leader")
    assert verify().is_intact


@pytest.fixture
def machine(tmp_path: Path) -> FakeAgent:
    """Another, as it is before a test."""
    return FakeAgent(tmp_path / "machine")


def test_old_copy_is_not_handed_out(world: worlds.World, machine: FakeAgent) -> None:
    assert world.fits(machine)
    with time_machine.travel(timezone.now() + worlds.FRESH):
        assert not world.fits(machine)


def test_copy_is_for_a_machine_that_was_the_same(world: worlds.World, machine: FakeAgent) -> None:
    machine.machine.vpn_state = "down"

    assert not world.fits(machine)


def test_copy_is_for_an_empty_database(
    world: worlds.World, local_agent: FakeAgent, machine: FakeAgent
) -> None:
    world.copy(local_agent)

    assert not world.fits(machine)
