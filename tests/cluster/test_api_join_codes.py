"""``/api/v1/join-codes/``: a code is shown once, and good for one machine."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster import codes
from cluster.models import Cluster, JoinCode
from nodes.models import Node
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import Newcomer, add_node, json_client, make_code, unknown_id
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
URL = "/api/v1/join-codes/"


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader."""
    return json_client(make_administrator())


def test_code_is_made_and_shown_once(api: APIClient, cluster: Cluster) -> None:
    """S11."""
    answer = api.post(URL, {})

    made = answer.json()
    opened = codes.decode(made["code"])
    assert answer.status_code == 201
    assert set(made) == {"id", "code", "expires_at"}
    assert (opened.id, opened.cluster) == (made["id"], str(cluster.uuid))
    assert opened.secret not in api.get(URL).content.decode()


def test_code_names_the_leader_by_name_and_certificate(api: APIClient) -> None:
    opened = codes.decode(api.post(URL, {}).json()["code"])

    leader = Node.objects.get(pk=1)
    assert opened.urls[0] == leader.console_url
    assert opened.tls_fingerprint == leader.tls_fingerprint


def test_code_carries_addresses_for_those_who_cannot_resolve_the_name(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.identity.own_addresses", lambda: ["192.0.2.1", "198.51.100.1"])

    opened = codes.decode(api.post(URL, {}).json()["code"])

    assert opened.urls[1:] == ("https://192.0.2.1:8443", "https://198.51.100.1:8443")


def test_only_a_digest_of_the_secret_is_stored(api: APIClient) -> None:
    secret = codes.decode(api.post(URL, {}).json()["code"]).secret

    assert len(secret) == 22
    assert secret not in str(JoinCode.objects.values().get())


@pytest.mark.parametrize(("wanted", "seconds"), [({}, 3600), ({"ttl_seconds": 60}, 60)])
def test_code_expires(wanted: dict[str, int], seconds: int, api: APIClient) -> None:
    before = timezone.now()

    opened = codes.decode(api.post(URL, wanted).json()["code"])

    assert abs(opened.expires - before - timedelta(seconds=seconds)) < timedelta(seconds=5)


@pytest.mark.parametrize("ttl", [59, 7 * 86_400 + 1, 0, -1, "soon", None])
def test_lifetime_outside_its_bounds_is_a_field_error(ttl: Any, api: APIClient) -> None:
    answer = api.post(URL, {"ttl_seconds": ttl})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "ttl_seconds"


def test_list_shows_what_became_of_each_code(api: APIClient, newcomer: Newcomer) -> None:
    past = timezone.now() - timedelta(seconds=1)
    newcomer.enrol(make_code()[1])
    JoinCode.objects.filter(pk=make_code()[0].pk).update(expires_at=past)
    api.delete(f"{URL}{make_code()[0].pk}/")
    make_code()

    listed = api.get(URL).json()["results"]

    assert {code["state"]: code["node"] for code in listed} == {
        "used": 2,
        "expired": None,
        "revoked": None,
        "active": None,
    }
    assert set(listed[0]) == {"id", "created_by", "created_at", "expires_at", "state", "node"}


def test_code_is_revoked_and_stays_in_the_list(api: APIClient) -> None:
    join_code, _ = make_code()

    answer = api.delete(f"{URL}{join_code.pk}/")

    join_code.refresh_from_db()
    assert answer.status_code == 204
    assert join_code.state == "revoked"


def test_revoking_twice_is_one_event(api: APIClient) -> None:
    join_code, _ = make_code()
    api.delete(f"{URL}{join_code.pk}/")

    answer = api.delete(f"{URL}{join_code.pk}/")

    assert answer.status_code == 204
    assert AuditEvent.objects.filter(action="join_code.revoked").count() == 1


def test_used_code_is_not_revoked(api: APIClient, newcomer: Newcomer) -> None:
    join_code, text = make_code()
    newcomer.enrol(text)

    answer = api.delete(f"{URL}{join_code.pk}/")

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "join_code_state_conflict"


def test_unknown_code_is_not_found(api: APIClient) -> None:
    assert api.delete(f"{URL}{unknown_id()}/").status_code == 404


def test_making_and_revoking_are_in_the_audit_trail(api: APIClient) -> None:
    """S44."""
    made = api.post(URL, {}).json()
    api.delete(f"{URL}{made['id']}/")

    events = AuditEvent.objects.filter(target_id=made["id"]).order_by("id")
    assert [(event.user, event.action, event.interface) for event in events] == [
        ("ann", "join_code.created", "api"),
        ("ann", "join_code.revoked", "api"),
    ]


def test_code_needs_a_cluster(local_agent: FakeAgent) -> None:
    answer = json_client(make_administrator()).post(URL, {})

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "cluster_not_created"


def test_auditor_sees_codes_and_makes_none(cluster: Cluster) -> None:
    auditor = json_client(make_auditor())

    assert auditor.get(URL).status_code == 200
    assert auditor.post(URL, {}).status_code == 403


def test_list_costs_the_same_whatever_its_length(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    add_node(2)
    for _ in range(20):
        make_code()

    with django_assert_max_num_queries(4):
        api.get(URL)
