"""Switching the second factor on and off (S49 to S52), with another program's codes."""

from base64 import b32decode

import pytest

from accounts.models import Authenticator, RecoveryCode
from audit.models import AuditEvent
from tests.accounts.authenticator_app import AuthenticatorApp
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    browser,
    codes_of,
    enable_totp,
    login,
    make_administrator,
    make_auditor,
)
from tests.accounts.second_factor import PATH, begin

pytestmark = pytest.mark.django_db


def test_wizard_of_the_api() -> None:
    """S51: only after a right code is the second factor on."""
    client = api_client(make_administrator("ann"))
    application = begin(client)
    assert login(username="ann").status_code == 200

    wrong = client.put(PATH, {"otp": "000000"}, format="json")
    assert codes_of(wrong) == ["wrong_code"]
    assert login(username="ann").status_code == 200

    right = client.put(PATH, {"otp": application.code(steps_ago=1)}, format="json")
    assert len(right.json()["recovery_codes"]) == 10
    assert login(username="ann").status_code == 401
    assert login(username="ann", otp=application.code()).status_code == 200


def test_key_is_given_as_text_uri_and_picture() -> None:
    client = api_client(make_administrator("ann"))

    given = client.post(PATH, {"password": PASSWORD}, format="json").json()

    assert f"secret={given['secret']}&" in given["uri"]
    assert "<svg" in given["qr_svg"]


def test_wizard_of_the_page() -> None:
    """S50, S51."""
    client = browser(make_administrator("ann"))
    assert b"Enable 2FA" in client.get("/account/").content

    shown = client.post("/account/two-factor/", {"password": PASSWORD}, follow=True)
    application = AuthenticatorApp(b32decode(shown.context["secret"]))
    for name in ("FreeOTP", "Authenticator", "2FAS"):
        assert name in shown.content.decode()

    wrong = client.post("/account/two-factor/confirm/", {"otp": "000000"})
    assert "This code is wrong" in wrong.content.decode()
    assert not Authenticator.objects.get().confirmed

    right = client.post("/account/two-factor/confirm/", {"otp": application.code()})
    assert len(right.context["codes"]) == 10
    assert Authenticator.objects.get().confirmed
    assert client.get("/account/").status_code == 200


def test_key_that_waits_is_shown_to_no_other_session() -> None:
    ann = make_administrator("ann")
    client, other = browser(ann), browser(ann)
    client.post("/account/two-factor/", {"password": PASSWORD})

    assert client.get("/account/two-factor/confirm/").status_code == 200
    assert other.get("/account/two-factor/confirm/").headers["Location"] == "/account/two-factor/"


def test_key_is_not_in_the_database_in_the_clear() -> None:
    client = api_client(make_administrator("ann"))
    application = begin(client)

    stored = str(list(Authenticator.objects.values()))

    assert application.secret not in stored
    assert b32decode(application.secret).hex() not in stored


def test_recovery_codes_are_not_in_the_database() -> None:
    _, codes = enable_totp(make_administrator("ann"))

    stored = str(list(RecoveryCode.objects.values()))

    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_new_key_needs_the_password(password: str) -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(PATH, {"password": password}, format="json")

    assert answer.json()["errors"][0]["attr"] == "password"
    assert not Authenticator.objects.exists()


def test_enabled_factor_is_not_replaced_by_a_new_key() -> None:
    ann = make_administrator("ann")
    enable_totp(ann)

    answer = api_client(ann).post(PATH, {"password": PASSWORD}, format="json")

    assert codes_of(answer) == ["totp_already_enabled"]


def test_code_without_a_key_confirms_nothing() -> None:
    client = api_client(make_administrator("ann"))

    assert codes_of(client.put(PATH, {"otp": "000000"}, format="json")) == ["totp_not_started"]


def test_enabling_ends_other_sessions_and_tokens() -> None:
    ann = make_administrator("ann")
    page, program = browser(ann), api_client(ann)
    client = api_client(ann)
    application = begin(client)

    client.put(PATH, {"otp": application.code()}, format="json")

    assert client.get("/api/v1/account/").json()["two_factor"] is True
    assert program.get("/api/v1/account/").status_code == 401
    assert page.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("password", "otp", "code"),
    [("wrong", "", "wrong_password"), (PASSWORD, "000000", "wrong_code")],
)
def test_disabling_needs_password_and_code(password: str, otp: str, code: str) -> None:
    ann = make_administrator("ann")
    application, _ = enable_totp(ann)
    given = {"password": password, "otp": otp or application.code()}

    answer = api_client(ann).delete(PATH, given, format="json")

    assert codes_of(answer) == [code]
    assert Authenticator.objects.get().confirmed


def test_disabled_factor_is_asked_for_no_more() -> None:
    ann = make_administrator("ann")
    application, _ = enable_totp(ann)
    client = api_client(ann)

    answer = client.delete(PATH, {"password": PASSWORD, "otp": application.code()}, format="json")

    assert answer.status_code == 204
    assert login(username="ann").status_code == 200
    assert not RecoveryCode.objects.exists()


def test_disabling_ends_other_sessions_and_tokens() -> None:
    ann = make_administrator("ann")
    application, _ = enable_totp(ann)
    client, program = api_client(ann), api_client(ann)

    client.delete(PATH, {"password": PASSWORD, "otp": application.code()}, format="json")

    assert program.get("/api/v1/account/").status_code == 401
    assert client.get("/api/v1/account/").status_code == 200


def test_disabling_what_is_off_is_a_conflict() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.delete(PATH, {"password": PASSWORD, "otp": "000000"}, format="json")

    assert (answer.status_code, codes_of(answer)) == (409, ["totp_not_enabled"])


def test_disabling_by_page() -> None:
    ann = make_administrator("ann")
    application, codes = enable_totp(ann)
    client = browser()
    from tests.accounts.factories import submit_code, submit_password

    submit_password(client, username="ann")
    submit_code(client, application.code())

    client.post("/account/two-factor/disable/", {"password": PASSWORD, "otp": codes[0]})

    assert not Authenticator.objects.exists()
    assert client.get("/account/").status_code == 200


def test_new_recovery_codes_void_the_old_ones() -> None:
    ann = make_administrator("ann")
    application, old = enable_totp(ann)
    client = api_client(ann)

    answer = client.post(
        "/api/v1/account/recovery-codes/",
        {"password": PASSWORD, "otp": application.code()},
        format="json",
    )

    new = answer.json()["recovery_codes"]
    assert login(username="ann", otp=old[0]).status_code == 401
    assert login(username="ann", otp=new[0]).status_code == 200


def test_recovery_codes_left_are_counted() -> None:
    ann = make_administrator("ann")
    _, codes = enable_totp(ann)

    login(username="ann", otp=codes[3])

    assert api_client(ann).get("/api/v1/account/").json()["recovery_codes_left"] == 9
    event = AuditEvent.objects.get(action="account.recovery_code.used")
    assert (event.user, event.details) == ("ann", {"left": 9})


def test_auditor_enables_their_own_second_factor() -> None:
    client = api_client(make_auditor("otto"))
    application = begin(client)

    assert client.put(PATH, {"otp": application.code()}, format="json").status_code == 200


def test_every_change_of_the_second_factor_is_recorded() -> None:
    client = api_client(make_administrator("ann"))
    application = begin(client)
    client.put(PATH, {"otp": "000000"}, format="json")
    client.put(PATH, {"otp": application.code(steps_ago=1)}, format="json")
    client.delete(PATH, {"password": PASSWORD, "otp": application.code()}, format="json")

    events = AuditEvent.objects.order_by("id").values_list("action", "outcome")

    assert list(events) == [
        ("account.totp.started", "ok"),
        ("account.totp.refused", "denied"),
        ("account.totp.enabled", "ok"),
        ("account.totp.disabled", "ok"),
    ]
