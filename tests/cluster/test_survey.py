"""What the other nodes hold, as the node that shall lead says it first (S39)."""

import pytest
from django.test import Client

from cluster.services import switching
from tests.cluster.fleets import Fleet
from tests.cluster.network import Network, network, says
from tests.fakes import FakeAgent

__all__ = ["network"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet(network: Network, fleet: Fleet) -> Fleet:
    """Three nodes; this machine is node 3, and node 1 leads."""
    fleet.become(3)
    return fleet


def test_worker_that_holds_the_same_is_not_spoken_of(fleet: Fleet, network: Network) -> None:
    network.answers["node2"] = says(fleet)

    assert switching.survey_others().findings() == []


def test_worker_that_holds_more_is_named(fleet: Fleet, network: Network) -> None:
    network.answers["node2"] = says(fleet, ahead=1)

    [found] = switching.survey_others().findings()

    assert "node2 holds a newer state" in found
    assert "switch-leader --node 2" in found


def test_worker_that_does_not_answer_may_hold_more(fleet: Fleet, network: Network) -> None:
    [found] = switching.survey_others().findings()

    assert found.startswith("node2 does not answer")


def test_leader_that_still_leads_is_no_lost_one(fleet: Fleet, network: Network) -> None:
    network.answers |= {"node1": says(fleet, role="leader"), "node2": says(fleet)}

    [found] = switching.survey_others().findings()

    assert found.startswith("node1 answers, and leads")


def test_node_of_another_cluster_is_not_heard(fleet: Fleet, network: Network) -> None:
    network.answers["node2"] = says(fleet, ahead=1, cluster="another")

    [found] = switching.survey_others().findings()

    assert found.startswith("node2 does not answer")


def test_nobody_is_waited_for_too_long(
    fleet: Fleet, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.services.survey.PATIENCE", 0.05)
    network.hangs = True

    [found] = switching.survey_others().findings()
    network.over.set()

    assert found.startswith("node2 does not answer")


def test_member_says_which_state_it_holds(fleet: Fleet) -> None:
    answer = Client().get("/agent/v1/leadership").json()

    status = fleet.agents[3].status()
    assert answer["held"] == {"term": 1, "generation": status["generation"]}


def test_new_machine_holds_nothing(local_agent: FakeAgent) -> None:
    assert Client().get("/agent/v1/leadership").json()["held"] is None
