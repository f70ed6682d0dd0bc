"""What Celery is told, and what it makes of it in each role."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from structlog.contextvars import get_contextvars

from accounts.models import Administrator
from cluster import tasks
from cluster.models import Cluster, IdempotencyKey, Operation, SignedState
from cluster.services.operations import open_operation
from nodes.agent.history import Contest
from nodes.models import Command
from tests.accounts.factories import make_administrator
from tests.cluster.broker import Broker, broker
from tests.cluster.factories import ADMIN, add_node
from tests.cluster.pairs import Pair
from tests.cluster.workflows.toys import World, install, waits
from tests.fakes import FakeAgent
from tests.node_files import node_file, write_node_file

__all__ = ["broker", "node_file"]

pytestmark = pytest.mark.django_db


def opened(kind: Operation.Kind = Operation.Kind.CREATE, **values: Any) -> Operation:
    operation = open_operation(kind, actor=ADMIN, parameters={})
    Operation.objects.filter(pk=operation.pk).update(**values)
    return operation


def test_sweep_sends_what_is_due(broker: Broker, local_agent: FakeAgent) -> None:
    operation = opened()
    tasks.sweep()
    assert broker.sent() == [("cluster.tasks.advance", [str(operation.pk)])]


def test_sweep_leaves_what_waits(broker: Broker, local_agent: FakeAgent) -> None:
    opened(due_at=timezone.now() + timedelta(seconds=1))
    tasks.sweep()
    assert broker.sent() == []


def test_sweep_leaves_what_a_worker_holds(broker: Broker, local_agent: FakeAgent) -> None:
    opened(lease=uuid4(), lease_until=timezone.now() + timedelta(seconds=1))
    tasks.sweep()
    assert broker.sent() == []


def test_sweep_sends_what_a_dead_worker_held(broker: Broker, local_agent: FakeAgent) -> None:
    operation = opened(lease=uuid4(), lease_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert broker.sent() == [("cluster.tasks.advance", [str(operation.pk)])]


def test_sweep_survives_a_broker_that_is_down(local_agent: FakeAgent) -> None:
    opened()
    tasks.sweep()
    assert Operation.objects.open().count() == 1


def test_sweep_asks_for_a_signature_that_is_missing(broker: Broker, cluster: Cluster) -> None:
    SignedState.objects.all().delete()
    tasks.sweep()
    assert broker.sent() == [("cluster.tasks.publish_state", [])]


def test_sweep_asks_for_no_signature_that_is_there(broker: Broker, cluster: Cluster) -> None:
    tasks.publish_state()
    broker.sent()
    tasks.sweep()
    assert broker.sent() == []


def test_publish_state_signs_the_present_generation(cluster: Cluster) -> None:
    SignedState.objects.all().delete()
    tasks.publish_state()
    assert SignedState.objects.get().generation == cluster.generation


def test_waiting_operation_is_sent_again_for_its_time(
    broker: Broker, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(faults={"a": waits(seconds=30)})
    install(monkeypatch, world.step("a"))
    operation = opened()
    tasks.advance(str(operation.pk))
    assert broker.sent() == [("cluster.tasks.advance", [str(operation.pk)])]


def test_logs_name_the_operation(
    broker: Broker, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    names = World().step("a", act=lambda run: seen.append(get_contextvars()["operation"]))
    install(monkeypatch, names)
    operation = opened()
    tasks.advance(str(operation.pk))
    assert seen == [str(operation.pk)]


def test_worker_carries_its_own_joining_forward(
    broker: Broker, local_agent: FakeAgent, node_file: Path
) -> None:
    operation = opened(Operation.Kind.ENROL)
    write_node_file(node_file, role="worker")
    tasks.sweep()
    assert broker.sent() == [("cluster.tasks.advance", [str(operation.pk)])]


@pytest.mark.parametrize("role", ["worker", "removed", "deposed"])
def test_worker_carries_nothing_else_forward(
    broker: Broker, local_agent: FakeAgent, node_file: Path, role: str
) -> None:
    operation = opened(Operation.Kind.JOIN)
    write_node_file(node_file, role=role)
    tasks.sweep()
    tasks.advance(str(operation.pk))
    assert broker.sent() == []
    assert Operation.objects.get().state == Operation.State.PENDING


def test_leader_in_doubt_carries_nothing_forward(
    broker: Broker, cluster: Cluster, local_agent: FakeAgent
) -> None:
    opened(Operation.Kind.JOIN)
    local_agent.contest(Contest(node_id=2, term=2, leader=3))
    tasks.sweep()
    assert broker.sent() == []


@pytest.mark.parametrize(("candidate", "is_sent"), [(2, True), (3, False), (1, False)])
def test_former_leader_finishes_handing_over_and_nothing_else(
    broker: Broker, local_agent: FakeAgent, node_file: Path, candidate: int, is_sent: bool
) -> None:
    """And not the promotion of this node itself, which it prepares as a worker."""
    for number in (1, 2, 3):
        add_node(number)
    opened(Operation.Kind.PROMOTE, node_id=candidate)
    write_node_file(node_file, role="worker", handed_over={"term": 2, "to": 2, "link": {}})
    tasks.sweep()
    assert bool(broker.sent()) is is_sent


def test_kept_answers_are_forgotten_after_a_day() -> None:
    someone: Administrator = make_administrator()
    for name, hours in (("old", 24), ("young", 23)):
        created_at = timezone.now() - timedelta(hours=hours)
        IdempotencyKey.objects.create(
            administrator=someone, key=name, fingerprint="", created_at=created_at
        )
    tasks.tidy_up()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]


def test_question_is_forgotten_when_its_asker_went_away(cluster: Cluster) -> None:
    """With the password that is sealed in it."""
    now, node = timezone.now(), add_node(2)
    for verb, minutes in (("probe_directory", 5), ("install_application", 5), ("probe", 5)):
        expires_at = now - timedelta(minutes=minutes)
        Command.objects.create(node=node, verb=verb, expires_at=expires_at)
    Command.objects.create(node=node, verb="probe_directory", expires_at=now)
    tasks.tidy_up()
    left = Command.objects.order_by("pk").values_list("verb", flat=True)
    assert list(left) == ["install_application", "probe", "probe_directory"]


def test_handing_over_is_carried_to_its_end_by_a_node_that_leads_no_more(pair: Pair) -> None:
    """Celery was killed between the agent's signature and the call to the next leader."""
    operation = pair.promote()
    place = operation.steps.get(name="hand_over").position
    Operation.objects.update(position=place, due_at=timezone.now())
    pair.agents[1].hand_over(to=2, generation=1)

    assert tasks.carried_here().get() == operation


def test_promotion_that_a_worker_has_only_prepared_rests(pair: Pair) -> None:
    """It goes on when the worker leads."""
    operation = pair.promote()
    place = operation.steps.get(name="step_down").position
    Operation.objects.update(position=place)
    pair.become(2)

    assert not tasks.carried_here().exists()
