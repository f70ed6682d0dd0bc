"""Passkeys and names: a browser binds them, and the leader's console has another one tomorrow."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts import replica
from accounts.models import AccessPolicy, Administrator, Passkey, RecoveryCode, Session
from accounts.services.policy import change_policy
from audit.actor import Actor
from audit.models import AuditEvent
from cluster.passkey_names import names_of_consoles
from tests.accounts.factories import (
    api_client,
    codes_of,
    enable_totp,
    login,
    submit_code,
    submit_password,
)
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey
from tests.accounts.passkeys.steps import (
    NEW,
    add_passkey,
    asked_on,
    begin_login,
    enrol,
    log_in,
    logged_in,
    visitor,
)
from tests.cluster.factories import add_node
from tests.node_files import write_node_file

pytestmark = pytest.mark.django_db
ROOT = Actor.root()
DOMAIN = "example.org"
NODE_2 = "node2.example.org"
POLICY = "/api/v1/access-policy/"


@pytest.fixture
def promoted(node_file: Path, passkey: SoftwarePasskey) -> SoftwarePasskey:
    """Ann's passkey of node 1; node 2 leads, and this is its console."""
    replica.restore(json.loads(json.dumps(replica.export())))
    write_node_file(node_file, role="leader", fqdn=NODE_2)
    return passkey


def shown(client: Any, path: str) -> str:
    return str(client.get(path).content.decode())


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "192.0.2.1:8443", "[2001:db8::1]:8443", "other.example"]
)
def test_passkeys_are_not_for_addresses_and_other_names(ann: Administrator, host: str) -> None:
    page = shown(logged_in(ann, host=host), NEW)

    assert "Passkeys work only under this console&#x27;s own name." in page
    assert f"open it as {HOST}" in page
    assert "data-passkey-ask" not in page


def test_answer_to_an_address_adds_nothing(ann: Administrator) -> None:
    client = logged_in(ann, host="192.0.2.1")
    question = {"challenge": "AAAA", "rp": {"id": "192.0.2.1"}}
    given = {"name": "Key", "passkey": SoftwarePasskey().create(question)}

    answer = client.post(NEW, given)

    assert "own name" in answer.content.decode()
    assert not Passkey.objects.exists()


def test_login_by_address_says_why_and_takes_a_code(ann: Administrator) -> None:
    _, codes = enrol(ann)
    client = visitor("192.0.2.1")

    page = submit_password(client, username="ann")

    assert asked_on(page) == []
    assert "and do not work" in page.content.decode()
    assert "192.0.2.1" in page.content.decode()
    assert submit_code(client, codes[0]).status_code == 302


def test_port_belongs_to_the_origin(ann: Administrator) -> None:
    host = f"{HOST}:8443"
    passkey, _ = enrol(ann, host=host)

    assert log_in(visitor(host), passkey, origin=f"https://{host}").status_code == 302
    assert Passkey.objects.get().rp_id == HOST


def test_passkeys_survive_a_move_to_another_node(passkey: SoftwarePasskey) -> None:
    log_in(visitor(), passkey)

    moved = json.loads(json.dumps(replica.export()))
    replica.restore(moved)

    assert replica.export() == moved
    assert not Session.objects.exists()
    assert log_in(visitor(), passkey).status_code == 302


def test_authenticators_know_the_person_again_after_a_move(ann: Administrator) -> None:
    """By the user handle (W3C WebAuthn, 5.4.3)."""
    [before] = asked_on(logged_in(ann).get(NEW))

    replica.restore(json.loads(json.dumps(replica.export())))

    [after] = asked_on(logged_in(Administrator.objects.get()).get(NEW))
    assert after["user"]["id"] == before["user"]["id"]


def test_leader_of_before_had_no_passkeys(ann: Administrator) -> None:
    """Its recovery codes were the application's."""
    application, codes = enable_totp(ann)
    moved = replica.export()
    [person] = moved["administrators"]
    person["authenticator"]["recovery_codes"] = person.pop("recovery_codes")
    del person["passkeys"], person["passkey_handle"], moved["policy"]["passkey_domain"]

    replica.restore(json.loads(json.dumps(moved)))

    assert login(username="ann", otp=codes[0]).status_code == 200
    assert login(username="ann", otp=application.code()).status_code == 200


def test_counter_that_went_back_is_refused_on_the_next_leader(passkey: SoftwarePasskey) -> None:
    Passkey.objects.update(sign_count=7)
    passkey.count = 7

    replica.restore(replica.export())

    log_in(visitor(), passkey)
    assert AuditEvent.objects.filter(action="account.passkey.refused").exists()


def test_next_leader_says_where_a_passkey_works(promoted: SoftwarePasskey) -> None:
    client = visitor(NODE_2)

    page = submit_password(client, username="ann")

    assert asked_on(page) == []
    said = " ".join(page.content.decode().split())
    assert f'Your passkeys are bound to <span class="mono">{HOST}</span>' in said
    assert "one of your recovery codes" in said


def test_next_leader_takes_a_recovery_code_and_a_passkey_of_its_own(
    node_file: Path, ann: Administrator
) -> None:
    _, codes = enrol(ann)
    write_node_file(node_file, role="leader", fqdn=NODE_2)
    client = visitor(NODE_2)
    submit_password(client, username="ann")
    submit_code(client, codes[0])

    new, _ = add_passkey(client, name="Here", origin=f"https://{NODE_2}")

    page = shown(client, "/account/")
    assert HOST in page
    assert NODE_2 in page
    assert log_in(visitor(NODE_2), new, origin=f"https://{NODE_2}").status_code == 302


def test_old_leaders_passkey_opens_nothing_at_the_next_one(promoted: SoftwarePasskey) -> None:
    add = Administrator.objects.get()
    Passkey.objects.create(user=add, name="b", rp_id=NODE_2, credential_id_sha256="b")
    client = visitor(NODE_2)

    log_in(client, promoted, origin=f"https://{NODE_2}")

    assert client.get("/account/").status_code == 302
    [event] = AuditEvent.objects.filter(action="auth.login.failed")
    assert event.details["reason"] == "passkey: bound to another name"


def test_page_warns_whom_nothing_would_let_in_elsewhere(passkey: SoftwarePasskey) -> None:
    client = visitor()
    log_in(client, passkey)
    assert "nothing would let you in at another node" not in shown(client, NEW)

    RecoveryCode.objects.all().delete()

    assert "nothing would let you in at another node" in shown(client, NEW)


@pytest.fixture
def shared(passkey: SoftwarePasskey) -> None:
    """Ann has a passkey of node 1, and all consoles share a domain from now on."""
    change_policy(actor=ROOT, passkey_domain=DOMAIN)


@pytest.mark.usefixtures("shared")
def test_passkey_of_the_domain_works_at_every_node(
    node_file: Path, passkey: SoftwarePasskey
) -> None:
    client = visitor()
    log_in(client, passkey)
    new, _ = add_passkey(client, name="Everywhere")
    write_node_file(node_file, role="leader", fqdn=NODE_2)

    elsewhere = visitor(NODE_2)
    [asked] = begin_login(elsewhere)

    assert asked["rpId"] == DOMAIN
    assert log_in(visitor(NODE_2), new, origin=f"https://{NODE_2}").status_code == 302


@pytest.mark.usefixtures("shared")
def test_login_asks_for_each_name_in_use(passkey: SoftwarePasskey) -> None:
    client = visitor()
    log_in(client, passkey)
    add_passkey(client, name="Everywhere")

    page = submit_password(visitor(), username="ann")

    assert [asked["rpId"] for asked in asked_on(page)] == [DOMAIN, HOST]
    assert f"Use a passkey of {DOMAIN}" in page.content.decode()


@pytest.mark.usefixtures("shared")
def test_page_says_that_it_works_everywhere(passkey: SoftwarePasskey) -> None:
    client = visitor()
    log_in(client, passkey)

    assert "at every console below" in shown(client, NEW)


@pytest.mark.parametrize(
    "text", ["org", "192.0.2.1", "a..b", "-a.org", "ex ample.org", "é.org", "a" * 250 + ".org"]
)
def test_what_is_no_domain_is_refused(ann: Administrator, text: str) -> None:
    client = api_client(ann)

    answer = client.patch(POLICY, {"passkey_domain": text}, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "passkey_domain"
    assert not AccessPolicy.objects.exclude(passkey_domain="").exists()


def test_domain_is_one_of_every_node(ann: Administrator) -> None:
    add_node(fqdn="node2.example.net")
    client = api_client(ann)

    refused = client.patch(POLICY, {"passkey_domain": DOMAIN}, format="json")

    assert codes_of(refused) == ["passkey_domain_unfit"]
    assert "node2.example.net is not below example.org" in refused.json()["errors"][0]["detail"]


def test_domain_is_set_on_the_page_and_recorded(ann: Administrator) -> None:
    client = logged_in(ann)

    client.post("/settings/access-policy/", {"passkey_domain": " Example.org. "})

    assert "below <span" in shown(client, "/settings/administrators/")
    event = AuditEvent.objects.get(action="administrator.policy.changed")
    assert event.details == {"before": {"passkey_domain": ""}, "after": {"passkey_domain": DOMAIN}}


def test_domain_survives_a_move(ann: Administrator) -> None:
    change_policy(actor=ROOT, passkey_domain=DOMAIN)

    replica.restore(replica.export())

    assert AccessPolicy.objects.get().passkey_domain == DOMAIN


def test_names_are_those_of_the_cluster() -> None:
    assert names_of_consoles().own == HOST
