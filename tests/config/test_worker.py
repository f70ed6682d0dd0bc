"""The real Celery worker with a real broker: what happens when either is killed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.patient.node import Node, wait_until


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory as it is before the first start."""
    node = Node(tmp_path_factory.mktemp("prepared") / "state")
    node.prepare()
    return node.state_dir


@pytest.fixture
def node(prepared: Path, tmp_path: Path) -> Iterator[Node]:
    copied = Node(Path(shutil.copytree(prepared, tmp_path / "state")))
    yield copied
    copied.stop()


@pytest.fixture
def waiting(node: Node) -> Node:
    """A node whose worker looks at an operation again and again."""
    node.start_broker()
    node.start_worker()
    wait_until(lambda: node.attempts() > 2, seconds=20)
    return node


def test_waiting_step_is_looked_at_every_fraction_of_a_second(waiting: Node) -> None:
    looks = waiting.attempts()
    assert wait_until(lambda: waiting.attempts() >= looks + 5, seconds=5) < 2.5


def test_worker_goes_on_within_ten_seconds_of_its_brokers_return(waiting: Node) -> None:
    waiting.kill("broker")
    waiting.let_go()
    waiting.start_broker()
    wait_until(lambda: waiting.state() == "succeeded", seconds=10)


def test_next_worker_goes_on_where_the_killed_one_was(waiting: Node) -> None:
    waiting.kill("worker")
    waiting.let_go()
    waiting.start_worker()
    wait_until(lambda: waiting.state() == "succeeded", seconds=25)


def test_killed_worker_leaves_no_process_behind(waiting: Node) -> None:
    waiting.kill("broker")
    waiting.kill("worker")
    assert waiting.survivors() == []


def test_worker_may_start_before_its_broker(node: Node) -> None:
    node.let_go()
    node.start_worker()
    node.start_broker()
    wait_until(lambda: node.state() == "succeeded", seconds=20)
