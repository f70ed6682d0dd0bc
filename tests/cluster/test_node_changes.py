"""What may be changed of a node: label, eligibility, endpoint; the name has its own tests."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.actor import Actor
from audit.models import AuditEvent
from cluster import state
from cluster.models import Cluster, SignedState
from nodes.agent import document, sealing
from nodes.agent.errors import SealError
from nodes.models import Node
from nodes.services.nodes import change_node
from tests.accounts.factories import make_administrator
from tests.cluster.factories import Newcomer, add_node, json_client
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
URL = "/api/v1/nodes/"


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader of two nodes."""
    add_node(2)
    return json_client(make_administrator())


def error_of(answer: Any) -> tuple[int, str, str | None]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["attr"]


def test_eligibility_is_changed_recorded_and_replicated(api: APIClient) -> None:
    before = Cluster.objects.get().generation

    answer = api.patch(f"{URL}2/", {"eligible": True})

    event = AuditEvent.objects.get(action="node.changed")
    assert answer.json()["eligible"] is True
    assert event.details == {"eligible": {"from": False, "to": True}}
    assert Cluster.objects.get().generation == before + 1


def test_node_that_is_not_eligible_cannot_open_the_state(
    member: Newcomer, cluster: Cluster
) -> None:
    """It receives nothing that is sealed for it."""
    api = json_client(make_administrator())
    api.patch(f"{URL}2/", {"eligible": False})
    state.publish()

    sealed = document.read_unverified(SignedState.objects.latest("generation").jws)["sealed"]

    with pytest.raises(SealError):
        sealing.open_sealed(sealed, identity=member.agent.membership.keys.sealing)


def test_leader_stays_eligible(api: APIClient) -> None:
    answer = api.patch(f"{URL}1/", {"eligible": False, "label": "x"})

    assert error_of(answer) == (409, "node_is_leader", "eligible")
    assert Node.objects.get(pk=1).label == ""


@pytest.mark.parametrize("endpoint", ["vpn.example.org:4500", "192.0.2.9:55820"])
def test_endpoint_is_changed_recorded_and_replicated(endpoint: str, api: APIClient) -> None:
    """S31, S32: a name or an address."""
    before = Cluster.objects.get().generation

    answer = api.patch(f"{URL}2/", {"endpoint": endpoint})

    change = {"from": "node2.example.org:55820", "to": endpoint}
    assert answer.json()["endpoint"] == endpoint
    assert AuditEvent.objects.get(action="node.changed").details == {"endpoint": change}
    assert Cluster.objects.get().generation == before + 1


@pytest.mark.parametrize(
    "endpoint", ["", "vpn", "vpn.example.org", "vpn.example.org:0", "[::1]:55820", "127.0.0.1:1"]
)
def test_bad_endpoint_is_a_field_error(endpoint: str, api: APIClient) -> None:
    answer = api.patch(f"{URL}2/", {"endpoint": endpoint})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "endpoint")
    assert Node.objects.get(pk=2).endpoint == "node2.example.org:55820"


def test_what_is_not_named_is_left_as_others_made_it(cluster: Cluster) -> None:
    """A change that began before another one's end does not undo it."""
    stale = add_node(2)
    change_node(Node.objects.get(pk=2), actor=Actor.system(), endpoint="vpn.example.org:1")

    change_node(stale, actor=Actor.system(), label="Attic")

    node = Node.objects.get(pk=2)
    assert (node.label, node.endpoint) == ("Attic", "vpn.example.org:1")


@pytest.mark.parametrize("number", [9, 99999999999999999999])
@pytest.mark.parametrize("path", ["", "fqdn/"])
def test_unknown_node_is_not_changed(path: str, number: int, api: APIClient) -> None:
    method = api.post if path else api.patch

    answer = method(f"{URL}{number}/{path}", {"fqdn": "a.example.org"})

    assert error_of(answer)[:2] == (404, "node_not_found")


def test_several_things_are_one_change(api: APIClient, local_agent: FakeAgent) -> None:
    api.patch(f"{URL}2/", {"label": "Attic", "eligible": True})

    assert set(AuditEvent.objects.get(action="node.changed").details) == {"label", "eligible"}
