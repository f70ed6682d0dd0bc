"""Another name for a node; the leader's only when every worker finds it there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.signals import post_save
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster.models import Cluster
from cluster.services import naming
from nodes.models import Command, Node
from nodes.services.commands import acknowledge_command
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import add_node, hear_from, json_client

pytestmark = pytest.mark.django_db
URL = "/api/v1/nodes/"
NEW = "console.example.org"


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader of three nodes, of which node 3 is offline."""
    add_node(2)
    hear_from(2)
    add_node(3)
    return json_client(make_administrator())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever does not answer at once is silent."""
    monkeypatch.setattr(naming, "PATIENCE", 0.0)


def sight(**changes: Any) -> dict[str, Any]:
    """A worker's answer that finds the leader, unless ``changes`` says otherwise."""
    fingerprint = Node.objects.get(pk=1).tls_fingerprint
    host = {
        "failed": "",
        "detail": "",
        "addresses": ["192.0.2.1"],
        "tls_fingerprint": fingerprint,
        "node": 1,
    }
    return {"hosts": [host | changes], "vpn": {"state": "up", "reason": "", "peers": []}}


@pytest.fixture
def answers() -> Iterator[dict[int, dict[str, Any]]]:
    """What the workers see, by their numbers; each answers as soon as it is asked."""
    seen: dict[int, dict[str, Any]] = {}

    def answer(instance: Command, created: bool, **rest: Any) -> None:
        if created:
            node, data = instance.node_id, seen[instance.node_id]
            acknowledge_command(node, command_id=instance.pk, ok=True, data=data)

    post_save.connect(answer, sender=Command)
    yield seen
    post_save.disconnect(answer, sender=Command)


def rename(api: APIClient, number: int, fqdn: str = NEW) -> Any:
    return api.post(f"{URL}{number}/fqdn/", {"fqdn": fqdn})


def error_of(answer: Any) -> tuple[int, str, str | None]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["attr"]


def test_worker_has_another_name_at_once(api: APIClient) -> None:
    before = Cluster.objects.get().generation

    answer = rename(api, 2)

    assert answer.status_code == 200
    assert answer.json()["fqdn"] == NEW
    assert answer.json()["console_url"] == f"https://{NEW}:8443"
    assert Cluster.objects.get().generation == before + 1


def test_endpoint_under_the_old_name_follows(api: APIClient) -> None:
    assert rename(api, 2).json()["endpoint"] == f"{NEW}:55820"


def test_endpoint_elsewhere_stays(api: APIClient) -> None:
    Node.objects.filter(pk=2).update(endpoint="198.51.100.7:4500")

    assert rename(api, 2).json()["endpoint"] == "198.51.100.7:4500"


def test_new_name_is_recorded(api: APIClient) -> None:
    """S44."""
    rename(api, 2)

    event = AuditEvent.objects.get(action="node.fqdn.changed")
    assert (event.user, event.node) == ("ann", 2)
    assert event.details["fqdn"] == {"from": "node2.example.org", "to": NEW}


def test_same_name_again_is_no_change(api: APIClient) -> None:
    answer = rename(api, 2, "Node2.Example.org.")

    assert answer.status_code == 200
    assert not AuditEvent.objects.filter(action="node.fqdn.changed").exists()


@pytest.mark.parametrize("fqdn", ["", "node", "-a.example.org", "a b.example.org", "1.2.3.4"])
def test_name_that_is_none_is_a_field_error(fqdn: str, api: APIClient) -> None:
    answer = rename(api, 2, fqdn)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "fqdn")


def test_name_of_another_node_is_refused(api: APIClient) -> None:
    """S10."""
    answer = rename(api, 2, "node3.example.org")

    assert error_of(answer) == (400, "cluster_hostname_error", "fqdn")
    assert Node.objects.get(pk=2).fqdn == "node2.example.org"


def test_joining_node_keeps_its_name(api: APIClient) -> None:
    Node.objects.filter(pk=2).update(state=Node.State.JOINING)

    assert error_of(rename(api, 2))[:2] == (409, "node_state_conflict")


def test_leader_has_another_name_when_every_online_worker_finds_it_there(
    api: APIClient, answers: dict[int, dict[str, Any]]
) -> None:
    answers[2] = sight()

    answer = rename(api, 1)

    assert (answer.status_code, answer.json()["fqdn"]) == (200, NEW)


def test_workers_are_asked_for_the_new_name(
    api: APIClient, answers: dict[int, dict[str, Any]]
) -> None:
    answers[2] = sight()

    rename(api, 1)

    question = Command.objects.get()
    assert (question.node_id, question.verb) == (2, "probe")
    assert question.arguments["hosts"] == [{"node_id": 1, "url": f"https://{NEW}:8443"}]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"failed": "name", "detail": "unknown name", "addresses": []}, "cannot resolve"),
        ({"failed": "https", "detail": "refused"}, "cannot reach"),
        ({"tls_fingerprint": "00" * 32}, "another certificate"),
        ({"node": 2}, "answers node2 that it is node2, not node1"),
    ],
)
def test_worker_that_does_not_find_the_leader_there_is_named(
    wrong: dict[str, Any], sentence: str, api: APIClient, answers: dict[int, dict[str, Any]]
) -> None:
    answers[2] = sight(**wrong)

    answer = rename(api, 1)

    assert error_of(answer) == (409, "endpoint_address_not_reachable", "fqdn")
    assert "node2" in answer.json()["errors"][0]["detail"]
    assert sentence in answer.json()["errors"][0]["detail"]
    assert Node.objects.get(pk=1).fqdn != NEW


def test_every_failure_is_named(api: APIClient, answers: dict[int, dict[str, Any]]) -> None:
    hear_from(3)
    answers[2] = sight(failed="https", detail="refused")
    answers[3] = sight(failed="name", detail="unknown name", addresses=[])

    detail = rename(api, 1).json()["errors"][0]["detail"]

    assert "node2 cannot reach" in detail
    assert "node3 cannot resolve" in detail


def test_worker_that_does_not_answer_is_named(api: APIClient, impatient: None) -> None:
    answer = rename(api, 1)

    assert error_of(answer)[1] == "endpoint_address_not_reachable"
    assert "node2" in answer.json()["errors"][0]["detail"]
    assert not AuditEvent.objects.filter(action="node.fqdn.changed").exists()


def test_leader_without_workers_asks_nobody(api: APIClient) -> None:
    Node.objects.exclude(pk=1).delete()

    assert rename(api, 1).status_code == 200


def test_auditor_renames_nothing(cluster: Cluster) -> None:
    assert error_of(rename(json_client(make_auditor()), 1))[:2] == (403, "read_only_access")
