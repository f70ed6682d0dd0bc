"""What a node says that runs on it, on its way into the database (S14, S16, S19)."""

from typing import Any

import pytest
from django.utils import timezone

from cluster.agent_api.inventories import read_inventory
from nodes.models import Application, Contact
from nodes.services.applications import Reported, replace_applications
from tests.cluster.factories import Newcomer

DIGEST = "ab" * 32
LDAP = {"flotilla.role": "account-provider", "flotilla.domain": "example.org"}


def container(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "engine": "container",
        "name": name,
        "image": "localhost/site:1",
        "state": "running",
        "ports": ["8080->80/tcp"],
        "labels": {},
    } | changes


def tell(node: Newcomer, *told: Any, digest: str = DIGEST) -> Any:
    return node.sync(inventory=list(told), inventory_digest=digest)


def names() -> list[str]:
    return list(Application.objects.order_by("name").values_list("name", flat=True))


def test_list_is_kept(joining: Newcomer) -> None:
    answer = tell(joining, container("ldap", labels=LDAP))

    row = Application.objects.get()
    assert (answer.status_code, answer.json()["inventory_wanted"]) == (200, False)
    assert (row.node_id, row.engine, row.name, row.image) == (
        2,
        "container",
        "ldap",
        "localhost/site:1",
    )
    assert (row.state, row.ports, row.labels) == ("running", ["8080->80/tcp"], LDAP)
    assert (row.role, row.domain) == ("account-provider", "example.org")
    assert Contact.objects.get(node=2).inventory_digest == DIGEST


def test_list_replaces_the_one_before_and_what_stays_keeps_its_id(joining: Newcomer) -> None:
    tell(joining, container("mail"), container("web"))
    before = Application.objects.get(name="web")
    Application.objects.update(reported_at=before.reported_at.replace(year=2020))

    tell(joining, container("web", state="exited"), container("db"), digest="cd" * 32)

    after = Application.objects.get(name="web")
    assert names() == ["db", "web"]
    assert (after.pk, after.state) == (before.pk, "exited")
    assert (timezone.now() - after.reported_at).total_seconds() < 60


def test_empty_list_is_a_list(joining: Newcomer) -> None:
    tell(joining, container("web"))

    tell(joining, digest="cd" * 32)

    assert names() == []


def test_same_name_in_two_engines_is_two(joining: Newcomer) -> None:
    tell(joining, container("mail"), container("mail", engine="pod"))

    assert Application.objects.count() == 2


def test_lists_of_other_nodes_are_left_alone(joining: Newcomer) -> None:
    """S19."""
    Application.objects.create(node_id=1, engine="container", name="web", state="running")

    tell(joining, container("mail"))

    assert names() == ["mail", "web"]


@pytest.mark.parametrize(("digest", "wanted"), [(DIGEST, False), ("cd" * 32, True), ("", False)])
def test_list_is_asked_for_when_its_digest_is_another(
    digest: str, wanted: bool, joining: Newcomer
) -> None:
    tell(joining, container("web"))

    answer = joining.sync(inventory=None, inventory_digest=digest)

    assert answer.json()["inventory_wanted"] is wanted
    assert names() == ["web"]


def test_agent_that_looks_at_nothing_is_no_error(joining: Newcomer) -> None:
    answer = joining.sync(inventory_digest="")

    assert answer.json()["inventory_wanted"] is False


def test_list_that_was_overtaken_is_dropped(joining: Newcomer) -> None:
    """Two calls of one node may be on their way at the same time."""
    tell(joining, container("new"))
    newest = Contact.objects.get(node=2).token_at

    replace_applications(2, [], digest="cd" * 32, token_at=newest - 1)

    assert names() == ["new"]
    assert Contact.objects.get(node=2).inventory_digest == DIGEST


@pytest.mark.parametrize(
    "changes",
    [
        {"engine": "virtual machine"},
        {"name": ""},
        {"name": "a" * 201},
        {"name": "a\nb"},
        {"name": 7},
        {"image": "a" * 301},
        {"image": "\x1b[31m"},
        {"state": ""},
        {"state": "x" * 33},
        {"ports": "80"},
        {"ports": [80]},
        {"ports": ["x" * 65]},
        {"ports": ["80"] * 51},
        {"labels": []},
        {"labels": {"a": 1}},
        {"labels": {"a\x00": "1"}},
        {"labels": {"a" * 129: "1"}},
        {"labels": {"a": "v" * 257}},
        {"labels": {str(number): "1" for number in range(51)}},
    ],
    ids=str,
)
def test_malformed_application_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read_inventory({"inventory": [container("other") | changes]}, "inventory")


@pytest.mark.parametrize(
    "told",
    [
        [container("web"), container("web")],
        ["web"],
        [{}],
        [container(f"c{number}") for number in range(501)],
    ],
    ids=["twice", "text", "empty", "too many"],
)
def test_malformed_list_is_refused(told: list[Any]) -> None:
    with pytest.raises(ValueError):
        read_inventory({"inventory": told}, "inventory")


def test_malformed_list_changes_nothing(joining: Newcomer) -> None:
    tell(joining, container("web"))

    answer = tell(joining, container("other", image="\x1b[31m"), digest="cd" * 32)

    assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")
    assert answer.json()["field"] == "inventory"
    assert names() == ["web"]
    assert Contact.objects.get(node=2).inventory_digest == DIGEST


def test_largest_list_costs_few_queries(
    joining: Newcomer, django_assert_max_num_queries: Any
) -> None:
    told = [container(f"c{number}") for number in range(500)]

    with django_assert_max_num_queries(40):
        answer = tell(joining, *told)

    assert (answer.status_code, Application.objects.count()) == (200, 500)


@pytest.mark.parametrize(
    ("labels", "role", "domain"),
    [
        ({}, "", ""),
        ({"flotilla.domain": "example.org"}, "", ""),
        ({"flotilla.role": "admiral", "flotilla.domain": "example.org"}, "", ""),
        ({"flotilla.role": "account-provider"}, "account-provider", ""),
        (LDAP | {"flotilla.domain": "Example.ORG."}, "account-provider", "example.org"),
        (LDAP | {"flotilla.domain": "exa mple/.."}, "account-provider", ""),
    ],
)
def test_role_and_domain_come_from_labels(labels: dict[str, str], role: str, domain: str) -> None:
    """S16."""
    reported = Reported("container", "ldap", "", "running", (), labels)

    assert (reported.role, reported.domain) == (role, domain)
