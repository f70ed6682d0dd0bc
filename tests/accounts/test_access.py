"""The one access rule, at the API's door and at the pages'."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.access import lacks_second_factor, refusal
from accounts.errors import AccountGone
from accounts.models import AccessPolicy, Administrator, ApiToken, Session
from tests.accounts.factories import (
    NEW_PASSWORD,
    PASSWORD,
    api_client,
    browser,
    client_with,
    codes_of,
    enable_totp,
    login,
    make_administrator,
    make_auditor,
    named_client,
)

pytestmark = pytest.mark.django_db


def test_stranger_is_sent_to_the_login_page() -> None:
    answer = Client().get("/account/?tab=1")

    assert answer.headers["Location"] == "/login/?next=/account/%3Ftab%3D1"


def test_stranger_gets_401_from_the_api() -> None:
    answer = Client().get("/api/v1/account/")

    assert (answer.status_code, codes_of(answer)) == (401, ["not_authenticated"])
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["flt_unknown", "flt_ä", "x y", ""])
def test_unknown_token_gets_401(token: str) -> None:
    answer = client_with(token).get("/api/v1/account/")

    assert (answer.status_code, codes_of(answer)) == (401, ["authentication_failed"])


def test_token_of_an_inactive_account_gets_401() -> None:
    client = api_client(make_administrator("ann"))
    Administrator.objects.update(is_active=False)

    assert client.get("/api/v1/account/").status_code == 401


def test_expired_token_gets_401() -> None:
    client = api_client(make_administrator("ann"))

    with time_machine.travel(timezone.now() + timedelta(hours=12, seconds=1)):
        answer = client.get("/api/v1/account/")

    assert answer.status_code == 401


def test_password_that_must_be_changed_opens_only_its_change_by_api() -> None:
    make_administrator("ann", must_change_password=True)
    answer = login(username="ann")
    client = client_with(answer.json()["token"])

    refused = client.get("/api/v1/administrators/")

    assert answer.json()["must_change_password"] is True
    assert (refused.status_code, codes_of(refused)) == (403, ["password_change_required"])
    changed = client.post(
        "/api/v1/account/password/",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        format="json",
    )
    assert changed.status_code == 204
    assert client.get("/api/v1/administrators/").status_code == 200


def test_password_that_must_be_changed_opens_only_its_change_by_page() -> None:
    client = browser(make_administrator("ann", must_change_password=True))

    assert client.get("/", follow=True).redirect_chain[-1][0] == "/account/password/"
    assert client.get("/account/").headers["Location"] == "/account/password/"
    assert b"Choose your password" in client.get("/account/password/").content

    client.post(
        "/account/password/",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD},
    )

    assert client.get("/account/").status_code == 200


def test_session_of_before_the_second_factor_opens_nothing_without_it() -> None:
    """S49: also one that was not ended by switching it on."""
    administrator = make_administrator("ann")
    client = browser()
    enable_totp(administrator)
    client.force_login(administrator)

    page, api = client.get("/account/"), client.get("/api/v1/account/")

    assert page.headers["Location"].startswith("/login/")
    assert api.status_code == 401


def test_api_names_the_missing_second_factor() -> None:
    administrator = make_administrator("ann")
    client = browser()
    enable_totp(administrator)
    client.force_login(administrator)

    answer = client.get("/api/v1/account/")

    assert codes_of(answer) == ["second_factor_required"]


def test_network_is_judged_at_every_request() -> None:
    administrator = make_administrator("ann")
    client = api_client(administrator)
    Administrator.objects.update(allowed_networks=["192.0.2.0/24"])

    inside = client.get("/api/v1/account/", REMOTE_ADDR="192.0.2.7")
    mapped = client.get("/api/v1/account/", REMOTE_ADDR="::ffff:192.0.2.7")
    outside = client.get("/api/v1/account/", REMOTE_ADDR="198.51.100.1")

    assert (inside.status_code, mapped.status_code) == (200, 200)
    assert codes_of(outside) == ["network_not_allowed"]


def test_forwarded_address_is_not_believed() -> None:
    client = api_client(make_administrator("ann", allowed_networks=["192.0.2.0/24"]))

    answer = client.get("/api/v1/account/", HTTP_X_FORWARDED_FOR="192.0.2.7")

    assert codes_of(answer) == ["network_not_allowed"]


def test_session_from_another_network_is_logged_out() -> None:
    client = browser(make_administrator("ann"))
    Administrator.objects.update(allowed_networks=["192.0.2.0/24"])

    assert client.get("/account/").headers["Location"].startswith("/login/")
    assert not Session.objects.exists()


def test_token_is_bound_to_its_own_networks() -> None:
    client = named_client(make_administrator("ann"), allowed_networks=["192.0.2.0/24"])

    assert client.get("/api/v1/account/", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert codes_of(client.get("/api/v1/account/")) == ["network_not_allowed"]


def test_auditor_reads() -> None:
    client = api_client(make_auditor("otto"))

    assert client.get("/api/v1/administrators/").status_code == 200
    assert client.get("/api/v1/audit/events/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/administrators/"),
        ("patch", "/api/v1/administrators/otto/"),
        ("delete", "/api/v1/administrators/ann/"),
        ("post", "/api/v1/administrators/ann/password/"),
    ],
)
def test_auditor_changes_nothing_by_api(method: str, path: str) -> None:
    make_administrator("ann")
    client = api_client(make_auditor("otto"))

    answer = getattr(client, method)(path, {"role": "administrator"}, format="json")

    assert (answer.status_code, codes_of(answer)) == (403, ["read_only_access"])


@pytest.mark.parametrize(
    "path",
    ["/settings/create-administrator/", "/settings/administrators/ann/delete/"],
)
def test_auditor_changes_nothing_by_page(path: str) -> None:
    make_administrator("ann")
    client = browser(make_auditor("otto"))

    assert client.post(path, {"username": "eve", "role": "administrator"}).status_code == 403
    assert set(Administrator.objects.values_list("username", flat=True)) == {"ann", "otto"}


def test_auditor_changes_their_own_password() -> None:
    client = api_client(make_auditor("otto"))

    answer = client.post(
        "/api/v1/account/password/",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        format="json",
    )

    assert answer.status_code == 204


def test_read_only_token_changes_nothing() -> None:
    client = named_client(make_administrator("ann"), read_only=True)

    assert client.get("/api/v1/administrators/").status_code == 200
    answer = client.post("/api/v1/administrators/", {"username": "eve"}, format="json")
    assert codes_of(answer) == ["read_only_access"]


def test_last_use_of_a_token_is_noted() -> None:
    client = api_client(make_administrator("ann"))

    client.get("/api/v1/account/")

    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("path", ["/login/", "/account/", "/api/v1/account/"])
def test_private_answers_are_kept_nowhere(path: str) -> None:
    client = browser(make_administrator("ann"))

    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_authenticated_list_costs_few_queries(django_assert_max_num_queries: object) -> None:
    client = api_client(make_administrator("ann"))
    for number in range(20):
        make_administrator(f"user{number}")
    client.get("/api/v1/administrators/")

    with django_assert_max_num_queries(8):  # type: ignore[operator]  # a fixture of pytest-django
        client.get("/api/v1/administrators/")


def test_rule_asks_about_each_person_anew() -> None:
    """Its question is written once in a process, and its answer is kept for nobody (S49)."""
    ann, bob = make_administrator("ann"), make_administrator("bob")
    enable_totp(bob)
    asked = AccessPolicy.objects.create(second_factor_required=True)

    assert [lacks_second_factor(each) for each in (ann, bob, ann)] == [True, False, True]

    enable_totp(ann)
    assert not lacks_second_factor(ann)

    bob.authenticator.delete()
    assert lacks_second_factor(bob)

    asked.delete()
    assert not lacks_second_factor(bob)


def test_rule_of_somebody_who_was_deleted_is_that_he_is_gone(rf: RequestFactory) -> None:
    request = rf.get("/overview/")
    request.user = make_administrator("ann")
    Administrator.objects.all().delete()

    assert isinstance(refusal(request), AccountGone)
