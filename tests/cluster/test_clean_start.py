"""A removed machine starts anew; what is its own stays (S21)."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from audit.actor import Actor
from audit.archive.retention import change_retention
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding
from audit.models import AuditEvent, Forwarding, ForwardingPlace, Retention
from cluster import follow_ups
from cluster.models import Cluster, FollowUp, JoinCode, Operation, SignedState
from nodes.models import Contact, Node
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import add_node, json_client, make_code, request_cluster
from tests.cluster.removals import ask_removal
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
URL = "/api/v1/cluster/clean-start/"


@pytest.fixture
def removed(local_agent: FakeAgent, member: Any) -> FakeAgent:
    """This machine was node 2 of a cluster, led it for a time, and was removed from it."""
    return make_removed(local_agent, member.agent)


def make_removed(agent: FakeAgent, node: FakeAgent) -> FakeAgent:
    """Swap the machines: the one that was told takes this one's place."""
    key = node.status()["keys"]["identity_key"]
    node.depart(agent.farewell(node_id=2, identity_key=key))
    return node


@pytest.fixture
def api(removed: FakeAgent, settings: Any, monkeypatch: pytest.MonkeyPatch) -> APIClient:
    """An administrator of this machine."""
    settings.LOCAL_AGENT = removed
    monkeypatch.setattr(settings.FLOTILLA, "NODE_FILE", removed.node_file)
    return json_client(make_administrator())


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_machine_is_as_new(api: APIClient, removed: FakeAgent) -> None:
    before = removed.status()["keys"]

    answer = api.post(URL)

    status = removed.status()
    assert (answer.status_code, answer.json()["role"]) == (200, "uninitialised")
    assert (status["role"], status["cluster"]) == ("uninitialised", None)
    assert set(before.values()).isdisjoint(status["keys"].values())


def test_machine_can_create_a_cluster_again(api: APIClient) -> None:
    api.post(URL)

    operation, _ = request_cluster()

    assert operation.state == "pending"


def test_nothing_of_the_cluster_is_left(api: APIClient) -> None:
    """Also what it still held from the time when it led."""
    make_code()
    add_node(3)
    follow_ups.note(FollowUp.Kind.LOG_STORE, detail="Look there.")
    ask_removal(3, force=True)

    api.post(URL)

    left = [
        model.objects.exists()
        for model in (Cluster, Node, Contact, SignedState, JoinCode, FollowUp)
    ]
    assert left == [False] * 6
    assert not Operation.objects.open().exists()


def test_next_clusters_trail_goes_to_no_receiver_of_the_last(api: APIClient) -> None:
    """It was the last cluster that decided where the trail goes, and how long it stays."""
    change_forwarding(Receiver("syslog.example.org", 6514), actor=Actor.root())
    change_retention(actor=Actor.root(), days=30, megabytes=None)

    api.post(URL)

    assert not Forwarding.objects.exists()
    assert not ForwardingPlace.objects.exists()
    assert not Retention.objects.exists()


def test_accounts_and_the_trail_of_this_machine_stay(api: APIClient) -> None:
    """S21: its own administrators can still log in, where it never led."""
    Cluster.objects.all().delete()
    events = AuditEvent.objects.count()

    api.post(URL)

    assert get_user_model().objects.filter(username="ann").exists()
    assert AuditEvent.objects.count() == events + 1


def test_clean_start_is_recorded(api: APIClient) -> None:
    """S44."""
    cluster = str(Cluster.objects.get().uuid)

    api.post(URL)

    event = AuditEvent.objects.get(action="node.cleaned")
    assert (event.user, event.node, event.details) == ("ann", 2, {"cluster": cluster})


def test_nothing_is_forgotten_while_the_agent_is_down(api: APIClient, removed: FakeAgent) -> None:
    removed.available = False
    api.raise_request_exception = False

    assert error_of(api.post(URL)) == (503, "agent_unavailable")
    assert Cluster.objects.exists()
    assert not AuditEvent.objects.filter(action="node.cleaned").exists()


def test_clean_start_that_was_broken_off_is_finished_by_the_next(
    api: APIClient, removed: FakeAgent
) -> None:
    Cluster.objects.all().delete()
    Node.objects.all().delete()

    assert api.post(URL).status_code == 200
    assert removed.status()["role"] == "uninitialised"


def test_auditor_cleans_nothing(api: APIClient, removed: FakeAgent) -> None:
    assert error_of(json_client(make_auditor()).post(URL)) == (403, "read_only_access")
    assert removed.status()["role"] == "removed"


def test_leader_has_nothing_to_clean(cluster: Cluster) -> None:
    answer = json_client(make_administrator()).post(URL)

    assert error_of(answer) == (409, "node_not_removed")
    assert Cluster.objects.exists()


def test_new_machine_has_nothing_to_clean(local_agent: FakeAgent) -> None:
    assert error_of(json_client(make_administrator()).post(URL)) == (409, "node_not_removed")
