"""Changing one's own password (S48)."""

import pytest

from accounts.errors import PasswordNotAcceptable
from accounts.hashing import PatientArgon2Hasher
from accounts.models import Administrator, Authenticator
from accounts.passwords import check_acceptable, draw_one_time_password
from accounts.services import reset_password
from audit.actor import Actor
from audit.models import AuditEvent
from tests.accounts.factories import (
    NEW_PASSWORD,
    PASSWORD,
    api_client,
    browser,
    codes_of,
    enable_totp,
    login,
    make_administrator,
    named_client,
)

pytestmark = pytest.mark.django_db
PATH = "/api/v1/account/password/"


def test_new_password_works_and_the_old_one_does_not() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(
        PATH, {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, format="json"
    )

    assert answer.status_code == 204
    assert login(username="ann", password=NEW_PASSWORD).status_code == 200
    assert login(username="ann", password=PASSWORD).status_code == 401


def test_current_password_is_needed() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(
        PATH, {"current_password": "wrong", "new_password": NEW_PASSWORD}, format="json"
    )

    error = answer.json()["errors"][0]
    assert (error["attr"], error["code"]) == ("current_password", "wrong_password")
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome) == ("account.password.refused", "denied")


def test_change_ends_every_other_session_and_token() -> None:
    ann = make_administrator("ann")
    page, program, named = browser(ann), api_client(ann), named_client(ann)
    client = api_client(ann)

    client.post(PATH, {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, format="json")

    assert client.get("/api/v1/account/").status_code == 200
    assert program.get("/api/v1/account/").status_code == 401
    assert named.get("/api/v1/account/").status_code == 401
    assert page.get("/account/").status_code == 302


def test_change_by_page_keeps_that_session_under_a_new_id() -> None:
    ann = make_administrator("ann")
    page, other = browser(ann), browser(ann)
    before = page.cookies["__Host-flotilla-session"].value

    page.post(
        "/account/password/",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD},
    )

    assert page.cookies["__Host-flotilla-session"].value != before
    assert page.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_change_by_the_apis_session_keeps_that_session() -> None:
    client = browser(make_administrator("ann"))

    client.post(
        PATH,
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        content_type="application/json",
    )

    assert client.get("/api/v1/account/").status_code == 200


def test_change_by_page_wants_the_same_twice() -> None:
    page = browser(make_administrator("ann"))

    answer = page.post(
        "/account/password/",
        {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": "another"},
    )

    assert "These two are not the same." in answer.content.decode()
    assert login(username="ann").status_code == 200


def test_change_by_session_needs_the_browsers_token_against_forgery() -> None:
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_administrator("ann"))

    answer = client.post(PATH, {"current_password": PASSWORD, "new_password": NEW_PASSWORD})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "1q2w3e4r5t6y",
        "ann.of.example",
        "x" * 257,
        "",
    ],
)
def test_weak_password_is_refused(password: str) -> None:
    administrator = Administrator(username="ann", email="ann.of.example@example.org")

    with pytest.raises(PasswordNotAcceptable) as refused:
        check_acceptable(password, administrator, field="new_password")

    assert refused.value.field == "new_password"


@pytest.mark.parametrize("password", ["Nethesis,1234", "ünï cödé 密码 ☃ ok", "x y " * 64])
def test_any_characters_make_a_password(password: str) -> None:
    check_acceptable(password, Administrator(username="ann"), field="new_password")


def test_weak_new_password_changes_nothing() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(
        PATH, {"current_password": PASSWORD, "new_password": "short"}, format="json"
    )

    assert codes_of(answer) == ["password_not_acceptable"]
    assert login(username="ann").status_code == 200


def test_one_time_passwords_differ_and_are_acceptable() -> None:
    drawn = {draw_one_time_password() for _ in range(100)}

    assert len(drawn) == 100
    for password in drawn:
        check_acceptable(password, Administrator(username="ann"), field="password")


def test_reset_keeps_the_second_factor_unless_told_otherwise() -> None:
    ann = make_administrator("ann")
    enable_totp(ann)

    reset_password(ann, actor=Actor.root())
    assert Authenticator.objects.filter(user=ann, confirmed=True).exists()

    reset_password(ann, actor=Actor.root(), disable_two_factor=True)
    assert not Authenticator.objects.filter(user=ann).exists()


def test_reset_frees_a_locked_account() -> None:
    ann = make_administrator("ann")
    for _ in range(11):
        login(username="ann", password="wrong")

    password = reset_password(ann, actor=Actor.root())

    assert login(username="ann", password=password).status_code == 200


def test_guesses_of_the_current_password_count_as_those_of_logins() -> None:
    client = api_client(make_administrator("ann"))
    given = {"current_password": "wrong", "new_password": NEW_PASSWORD}
    for _ in range(10):
        client.post(PATH, given, format="json")

    answer = client.post(PATH, {**given, "current_password": PASSWORD}, format="json")

    assert codes_of(answer) == ["too_many_attempts"]
    assert login(username="ann").status_code == 429


def test_password_is_hashed_by_argon2id_in_production() -> None:
    from config import settings as production

    assert production.PASSWORD_HASHERS == ["accounts.hashing.PatientArgon2Hasher"]
    assert PatientArgon2Hasher().encode("staple", "NaCl" * 4).startswith("argon2$argon2id$")
