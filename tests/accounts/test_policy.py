"""The cluster asks everybody for a second factor (S49)."""

from typing import Any

import pytest
from django.test import Client

from accounts import replica
from accounts.errors import OwnSecondFactorFirst
from accounts.models import AccessPolicy, Administrator, Authenticator
from accounts.services.policy import change_policy, get_policy
from audit.actor import Actor, ActorKind, Interface
from audit.models import AuditEvent
from tests.accounts.authenticator_app import AuthenticatorApp
from tests.accounts.factories import (
    NEW_PASSWORD,
    PASSWORD,
    api_client,
    browser,
    codes_of,
    enable_totp,
    login,
    make_administrator,
    make_auditor,
    named_client,
    submit_password,
)

pytestmark = pytest.mark.django_db
ROOT = Actor.root()
PATH = "/api/v1/access-policy/"


@pytest.fixture
def required() -> None:
    change_policy(actor=ROOT, second_factor_required=True)


def verified(administrator: Administrator) -> Any:
    """A program that has given a code as well."""
    enable_totp(administrator)
    return api_client(administrator)


def set_up(client: Client) -> Any:
    """Go through the wizard."""
    client.post("/account/two-factor/", {"password": PASSWORD})
    key = Authenticator.objects.get(confirmed=False).key
    return client.post("/account/two-factor/confirm/", {"otp": AuthenticatorApp(key).code()})


def test_nobody_is_asked_at_first() -> None:
    assert browser(make_administrator("ann")).get("/account/").status_code == 200
    assert not get_policy().second_factor_required


def test_login_without_a_factor_leads_to_its_wizard(required: None) -> None:
    client = browser(make_administrator("ann"))

    assert client.get("/nodes/").headers["Location"] == "/account/two-factor/"
    assert "Nothing else is open before you have it" in shown(client, "/account/two-factor/")


def test_wizard_opens_the_rest(required: None) -> None:
    client = browser(make_administrator("ann"))

    assert "recovery codes" in set_up(client).content.decode()
    assert client.get("/account/").status_code == 200


def test_wizard_shows_no_way_to_pages_that_are_closed(required: None) -> None:
    client = browser(make_administrator("ann"))
    client.post("/account/two-factor/", {"password": PASSWORD})

    page = shown(client, "/account/two-factor/confirm/")

    assert 'alt="QR code' in page
    assert 'href="/account/"' not in page


def test_session_that_was_open_is_asked_as_well() -> None:
    client = browser(make_administrator("ann"))

    change_policy(actor=ROOT, second_factor_required=True)

    assert client.get("/account/").headers["Location"] == "/account/two-factor/"


def test_part_of_an_open_page_asks_for_the_whole(required: None) -> None:
    client = browser(make_administrator("ann"))

    assert client.get("/banners/", HTTP_HX_REQUEST="true").headers["HX-Refresh"] == "true"


def test_password_can_be_changed_before(required: None) -> None:
    client = browser(make_administrator("ann"))

    answer = client.post(
        "/account/password/",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD},
    )

    assert answer.status_code == 302
    assert login(username="ann", password=NEW_PASSWORD).status_code == 200


def test_first_password_comes_before_the_second_factor(required: None) -> None:
    make_administrator("ann", must_change_password=True)
    client = browser()
    submit_password(client, username="ann")

    assert client.get("/account/two-factor/").headers["Location"] == "/account/password/"


def test_logging_out_is_open(required: None) -> None:
    client = browser(make_administrator("ann"))

    assert client.post("/logout/").headers["Location"] == "/login/"


@pytest.mark.parametrize("make_client", [api_client, named_client])
def test_api_says_what_is_missing(required: None, make_client: Any) -> None:
    """A named token of before waits as well: it stands for the same person."""
    client = make_client(make_administrator("ann"))

    answer = client.get("/api/v1/account/")

    assert (answer.status_code, codes_of(answer)) == (403, ["second_factor_required"])


def test_second_factor_can_be_set_up_by_api(required: None) -> None:
    client = api_client(make_administrator("ann"))

    begun = client.post("/api/v1/account/totp/", {"password": PASSWORD}, format="json")
    key = Authenticator.objects.get().key
    confirmed = client.put(
        "/api/v1/account/totp/", {"otp": AuthenticatorApp(key).code()}, format="json"
    )

    assert (begun.status_code, confirmed.status_code) == (200, 200)
    assert client.get("/api/v1/account/").status_code == 200


def test_auditor_is_asked_too(required: None) -> None:
    client = browser(make_auditor("otto"))

    assert client.get("/account/").headers["Location"] == "/account/two-factor/"
    assert set_up(client).status_code == 200


def test_second_factor_that_was_switched_off_has_to_come_back(required: None) -> None:
    ann = make_administrator("ann")
    client = verified(ann)

    Authenticator.objects.all().delete()

    assert codes_of(client.get("/api/v1/account/")) == ["second_factor_required"]


def test_administrator_asks_everybody_by_api() -> None:
    client = verified(make_administrator("ann"))
    before = client.get(PATH).json()

    answer = client.patch(PATH, {"second_factor_required": True}, format="json")

    assert before == {"second_factor_required": False, "passkey_domain": ""}
    assert answer.json() == client.get(PATH).json() == before | {"second_factor_required": True}


def test_administrator_asks_everybody_by_page() -> None:
    ann = make_administrator("ann")
    client = browser(ann)
    set_up(client)
    make_administrator("bob")

    assert "Without one at present: bob." in shown(client, "/settings/access-policy/")
    answer = client.post("/settings/access-policy/", {"second_factor_required": "on"})

    assert answer.headers["Location"] == "/settings/administrators/"
    assert "whoever has none can only set one up" in shown(client, "/settings/administrators/")


def test_rule_is_taken_back(required: None) -> None:
    client = verified(make_administrator("ann"))

    client.patch(PATH, {"second_factor_required": False}, format="json")

    assert login(username=make_administrator("bob").username).status_code == 200
    assert not get_policy().second_factor_required


def test_who_asks_has_a_second_factor() -> None:
    make_administrator("ann")
    ann = Actor("ann", ActorKind.ADMINISTRATOR, Interface.API)

    with pytest.raises(OwnSecondFactorFirst):
        change_policy(actor=ann, second_factor_required=True)

    assert not AccessPolicy.objects.filter(second_factor_required=True).exists()


def test_auditor_asks_nobody() -> None:
    client = verified(make_auditor("otto"))

    answer = client.patch(PATH, {"second_factor_required": True}, format="json")

    assert codes_of(answer) == ["read_only_access"]


def test_change_is_in_the_trail_once(required: None) -> None:
    change_policy(actor=ROOT, second_factor_required=True)

    event = AuditEvent.objects.get(action="administrator.policy.changed")
    assert event.details == {
        "before": {"second_factor_required": False},
        "after": {"second_factor_required": True},
    }


def test_cluster_is_told_of_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    monkeypatch.setattr(replica.changed, "listeners", [lambda: noted.append("changed")])

    change_policy(actor=ROOT, second_factor_required=True)

    assert noted == ["changed"]


def test_rule_survives_a_move_to_another_node(required: None) -> None:
    moved = replica.export()
    AccessPolicy.objects.all().delete()

    replica.restore(moved)

    assert get_policy().second_factor_required
    assert replica.export() == moved


def test_leader_of_before_asked_nobody(required: None) -> None:
    moved = replica.export()
    del moved["policy"]

    replica.restore(moved)

    assert not get_policy().second_factor_required


def shown(client: Client, path: str) -> str:
    return client.get(path).content.decode()
