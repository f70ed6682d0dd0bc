"""The bind password of a domain is changed, and directories elsewhere are verified (S16)."""

import json
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.test import Client
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster import replica
from cluster.domains import replica as domain_replica
from cluster.domains.replica import password_of
from cluster.models import Cluster, Domain, InstalledApplication, Operation
from cluster.services import directory_standing
from cluster.services.domains import change_password, remove_domain
from cluster.services.providers import tend
from config.certificates import make_self_signed
from nodes.agent import sealing
from nodes.errors import DomainNotFound
from nodes.models import Command, Node
from tests.accounts.factories import log_in_directly, make_administrator, named_client
from tests.cluster.factories import ADMIN, add_node, carry_on, hear_from
from tests.cluster.providing import NAME, do, make_domain, settle_down

pytestmark = pytest.mark.django_db
URL = "/api/v1/domains/"
EXTERNAL: dict[str, Any] = {
    "name": "example.net",
    "kind": "external",
    "urls": ["ldap://ldap.example.net"],
    "base_dn": "dc=example,dc=net",
}
LOGIN = {"bind_dn": "cn=reader,dc=example,dc=net", "password": "open sesame"}


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program; nodes 2 and 3 are heard."""
    for number in (2, 3):
        add_node(number)
        hear_from(number)
    client = named_client(make_administrator())
    client.default_format = "json"
    return client


@pytest.fixture
def authority(tmp_path: Path) -> str:
    made = tmp_path / "ca.pem"
    make_self_signed(fqdn="ldap.example.net", certificate=made, key=tmp_path / "key.pem")
    return made.read_text()


def refusal(answer: Any) -> tuple[int, str, str | None]:
    error = answer.json()["errors"][0]
    return answer.status_code, error["code"], error["attr"]


def test_each_provider_is_told_the_new_password_in_confidence(api: APIClient) -> None:
    identity = pyrage.x25519.Identity.generate()
    domain = make_domain(nodes=(2, 3))
    Node.objects.filter(pk__in=(2, 3)).update(sealing_key=str(identity.to_public()))
    before = password_of(domain)

    assert api.put(f"{URL}{NAME}/password/", {}).status_code == 200

    after = password_of(Domain.objects.get())
    assert after != before
    for _ in range(2):
        tend()
        operation = carry_on(Operation.objects.open().get())
        sealed = Command.objects.get(acknowledged_at=None).arguments["sealed"]
        told = json.loads(sealing.open_sealed(sealed, identity=str(identity)))
        assert told == {"LDAP_PASSWORD": after}
        do(operation)
    assert settle_down() == []
    definitions = InstalledApplication.objects.values_list("definition", flat=True)
    assert [each["environment"]["LDAP_PASSWORD_NUMBER"] for each in definitions] == ["1", "1"]
    assert after not in str(list(definitions))
    (event,) = AuditEvent.objects.filter(action="domain.password.changed")
    assert (event.target_id, event.details) == (NAME, {"bind_dn": domain.bind_dn})


def test_changes_at_once_draw_two_passwords_with_numbers_of_their_own(cluster: Cluster) -> None:
    make_domain()
    first, second = Domain.objects.get(), Domain.objects.get()
    change_password(first, actor=ADMIN)
    change_password(second, actor=ADMIN)
    assert Domain.objects.get().password_number == first.password_number + 2


def test_password_of_a_domain_that_was_just_removed_is_not_changed(cluster: Cluster) -> None:
    make_domain()
    domain = Domain.objects.get()
    remove_domain(Domain.objects.get(), actor=ADMIN, confirmation=NAME)
    with pytest.raises(DomainNotFound):
        change_password(domain, actor=ADMIN)


def test_change_of_peers_gives_no_password_again(api: APIClient) -> None:
    domain = make_domain(nodes=(2, 3))
    change_password(domain, actor=ADMIN)
    settle_down()
    InstalledApplication.objects.filter(application__node=3).delete()
    tend()
    carry_on(Operation.objects.open().get())
    assert Command.objects.get(acknowledged_at=None).arguments["sealed"] == ""


@pytest.mark.parametrize("given", [{"password": "mine"}, {"bind_dn": "cn=me"}], ids=str)
def test_password_of_providers_is_not_chosen(api: APIClient, given: dict[str, str]) -> None:
    domain = make_domain()
    refused = api.put(f"{URL}{NAME}/password/", given)
    assert refusal(refused) == (400, "domain_password_drawn", next(iter(given)))
    assert Domain.objects.get().password == domain.password


def test_login_at_a_directory_elsewhere_is_changed(api: APIClient) -> None:
    api.post(URL, EXTERNAL)
    changed = api.put(f"{URL}example.net/password/", LOGIN)
    assert (changed.status_code, changed.json()["bind_dn"]) == (200, LOGIN["bind_dn"])
    assert password_of(Domain.objects.get()) == "open sesame"
    assert "sesame" not in changed.content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [({"password": "x"}, "bind_dn"), ({"bind_dn": "cn=a,dc=b"}, "password")],
    ids=["password", "name"],
)
def test_half_a_login_is_none(api: APIClient, given: dict[str, str], field: str) -> None:
    api.post(URL, EXTERNAL)
    refused = api.put(f"{URL}example.net/password/", given)
    assert refusal(refused) == (400, "domain_invalid", field)


def test_page_draws_a_new_password_and_does_not_show_it(api: APIClient) -> None:
    domain, browser = make_domain(), Client()
    log_in_directly(browser, make_administrator(username="bob"))
    shown = browser.post(f"/domains/{NAME}/password/change/", follow=True)
    after = Domain.objects.get()
    assert after.password_number == 1
    assert password_of(after) not in shown.content.decode()
    assert password_of(after) != password_of(domain)


def test_nodes_are_told_how_directories_are_verified(api: APIClient, authority: str) -> None:
    made = api.post(URL, EXTERNAL | {"start_tls": True, "ca": authority})
    assert (made.status_code, made.json()["start_tls"], made.json()["ca"]) == (201, True, authority)

    domain = Domain.objects.get()
    asked = directory_standing.question(domain, Node.objects.get(pk=2), domain.urls)
    assert (asked["start_tls"], asked["ca"], asked["verify"]) == (True, authority, True)


@pytest.mark.parametrize(
    "ca", ["no certificate", "PRIVATE KEY", "ü", "-----BEGIN CERTIFICATE-----"]
)
def test_certificate_that_is_none_is_refused(api: APIClient, ca: str) -> None:
    refused = api.post(URL, EXTERNAL | {"ca": ca})
    assert refusal(refused) == (400, "domain_invalid", "ca")
    assert not Domain.objects.exists()


def test_later_leader_knows_certificate_and_password(api: APIClient, authority: str) -> None:
    api.post(URL, EXTERNAL | LOGIN | {"start_tls": True, "ca": authority})
    change_password(make_domain(), actor=ADMIN)
    before = domain_replica.export()

    domain_replica.restore(before)

    assert domain_replica.export() == before
    elsewhere = Domain.objects.get(name="example.net")
    assert (elsewhere.start_tls, elsewhere.ca) == (True, authority)
    assert Domain.objects.get(name=NAME).password_number == 1
    assert "domains" in replica.export()


def test_leader_of_an_earlier_release_says_nothing_of_them(api: APIClient) -> None:
    api.post(URL, EXTERNAL)
    described = [
        {key: value for key, value in each.items() if key not in domain_replica.LATER_FIELDS}
        for each in domain_replica.export()
    ]
    domain_replica.restore(described)
    assert Domain.objects.get().start_tls is False
