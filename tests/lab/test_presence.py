"""Who is there: a cut node is shown offline soon, a hiccup is not."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import membership
from tests.lab.lab import Lab
from tests.lab.waiting import eventually, holds

pytestmark = pytest.mark.lab


@pytest.fixture
def healed(lab: Lab) -> Iterator[Lab]:
    """The cluster, whole before and after the test."""
    eventually(lambda: membership.all_online(lab.hosts[0]), within=20)
    yield lab
    for host in lab.hosts:
        host.heal_link()


def test_a_cut_node_is_offline_within_10_s_and_online_within_5_s_of_healing(healed: Lab) -> None:
    leader, worker = healed.hosts[0], healed.host("node2")
    cut_at = datetime.now(UTC)
    worker.cut_link()
    eventually(lambda: membership.status_of(leader, worker) == "offline", within=10)

    shown = next(node for node in membership.nodes(leader) if node["fqdn"] == worker.fqdn)
    last_contact = datetime.fromisoformat(shown["last_contact"])
    assert abs(last_contact - cut_at) < timedelta(seconds=5)

    worker.heal_link()
    eventually(lambda: membership.status_of(leader, worker) == "online", within=5)


def test_the_others_stay_online_while_one_is_cut(healed: Lab) -> None:
    leader, other = healed.hosts[0], healed.host("node3")
    healed.host("node2").cut_link()
    holds(lambda: membership.status_of(leader, other) == "online", during=11)


def test_a_lost_packet_raises_no_alarm(healed: Lab) -> None:
    """The link drops everything for half a second, and once more."""
    leader, worker = healed.hosts[0], healed.host("node3")
    worker.cut_link()
    time.sleep(0.5)
    worker.heal_link()
    holds(lambda: membership.status_of(leader, worker) == "online", during=11)


def test_a_slow_answer_raises_no_alarm(healed: Lab) -> None:
    """The worker's agent stands still for three seconds."""
    leader, worker = healed.hosts[0], healed.host("node4")
    pid = worker.pids()["agent"]
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    time.sleep(3)
    os.kill(pid, signal.SIGCONT)
    holds(lambda: membership.status_of(leader, worker) == "online", during=11)
