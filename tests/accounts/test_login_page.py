"""The login page: two_factor's wizard with our rules."""

import pytest
from axes.models import AccessAttempt

from accounts.models import Session
from accounts.services import reset_password
from audit.actor import Actor
from audit.models import AuditEvent
from tests.accounts.factories import (
    PASSWORD,
    browser,
    enable_totp,
    make_administrator,
    submit_code,
    submit_password,
)

pytestmark = pytest.mark.django_db
REFUSAL = "The user name, the password or the code is wrong, or not accepted from here."


def test_password_opens_a_session() -> None:
    client = browser(make_administrator("ann"))

    assert client.get("/account/").status_code == 200


def test_login_leads_to_where_it_was_asked_for() -> None:
    make_administrator("ann")
    client = browser()

    asked = client.get("/account/", follow=True)
    answer = client.post(
        asked.request["PATH_INFO"] + "?" + asked.request["QUERY_STRING"],
        {
            "login_page-current_step": "auth",
            "auth-username": "ann",
            "auth-password": PASSWORD,
        },
    )

    assert answer.headers["Location"] == "/account/"


def test_login_leads_to_no_other_host() -> None:
    make_administrator("ann")

    answer = browser().post(
        "/login/?next=https://evil.example/",
        {
            "login_page-current_step": "auth",
            "auth-username": "ann",
            "auth-password": PASSWORD,
        },
    )

    assert answer.headers["Location"] == "/"


def test_password_alone_opens_nothing_where_there_is_a_second_factor() -> None:
    """S49."""
    administrator = make_administrator("ann")
    enable_totp(administrator)
    client = browser()

    answer = submit_password(client, username="ann")

    assert b"One more step" in answer.content
    assert client.get("/account/").status_code == 302
    assert client.get("/api/v1/account/").status_code == 401


def test_code_opens_the_session() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    client = browser()
    submit_password(client, username="ann")

    submit_code(client, application.code())

    assert client.get("/account/").status_code == 200
    assert client.get("/api/v1/account/").status_code == 200


def test_wrong_code_opens_nothing() -> None:
    enable_totp(make_administrator("ann"))
    client = browser()
    submit_password(client, username="ann")

    answer = submit_code(client, "000000")

    assert REFUSAL in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_code_step_alone_opens_nothing() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    client = browser()

    submit_code(client, application.code())

    assert client.get("/account/").status_code == 302


def test_a_second_login_in_the_wizard_needs_its_own_code() -> None:
    """Going back to the first step with another name forgets the first one's proof."""
    make_administrator("bob")
    enable_totp(make_administrator("ann"))
    client = browser()
    submit_password(client, username="bob")

    client.post("/logout/")
    submit_password(client, username="ann")

    assert client.get("/account/").status_code == 302


def test_new_password_voids_a_login_that_is_half_done() -> None:
    """Whoever knew the old one is not let in by it ten minutes later."""
    ann = make_administrator("ann")
    application, _ = enable_totp(ann)
    visitor = browser()
    submit_password(visitor, username="ann")
    reset_password(ann, actor=Actor.root())

    answer = submit_code(visitor, application.code())

    assert (answer.status_code, Session.objects.exclude(administrator=None).count()) == (200, 0)


def test_code_from_a_network_that_is_not_allowed_opens_nothing() -> None:
    """Though the password came from one that is."""
    ann = make_administrator("ann", allowed_networks=["127.0.0.0/8"])
    application, _ = enable_totp(ann)
    visitor = browser()
    submit_password(visitor, username="ann")
    visitor.defaults["REMOTE_ADDR"] = "192.0.2.1"

    answer = submit_code(visitor, application.code())

    assert (answer.status_code, Session.objects.exclude(administrator=None).count()) == (200, 0)
    assert AuditEvent.objects.latest("pk").details["reason"] == "network"


def test_recovery_code_opens_the_session_once() -> None:
    _, codes = enable_totp(make_administrator("ann"))
    first, second = browser(), browser()
    submit_password(first, username="ann")
    submit_password(second, username="ann")

    submit_code(first, codes[0].upper())
    submit_code(second, codes[0])

    assert first.get("/account/").status_code == 200
    assert second.get("/account/").status_code == 302


@pytest.mark.parametrize("username", ["ann", "nobody", "blocked", "sleeping"])
def test_every_refusal_looks_the_same(username: str) -> None:
    make_administrator("ann")
    make_administrator("blocked", allowed_networks=["192.0.2.0/24"])
    make_administrator("sleeping", is_active=False)
    password = "wrong" if username == "ann" else PASSWORD

    answer = submit_password(browser(), username=username, password=password)

    assert REFUSAL in answer.content.decode()


def test_looking_at_the_page_stores_nothing() -> None:
    client = browser()

    client.get("/login/")
    submit_password(client, username="nobody")

    assert not Session.objects.exists()


def test_session_gets_a_new_id_at_login() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    client = browser()
    submit_password(client, username="ann")
    before = client.cookies["__Host-flotilla-session"].value

    submit_code(client, application.code())

    assert client.cookies["__Host-flotilla-session"].value != before


def test_session_cookie_is_of_this_host_and_for_the_server_alone() -> None:
    client = browser(make_administrator("ann"))

    cookie = client.cookies["__Host-flotilla-session"]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_login_and_logout_are_recorded() -> None:
    client = browser(make_administrator("ann"))

    client.post("/logout/")

    assert client.get("/account/").status_code == 302
    events = AuditEvent.objects.order_by("id").values_list("user", "action", "interface")
    assert list(events) == [
        ("ann", "auth.login.succeeded", "console"),
        ("ann", "auth.logged_out", "console"),
    ]


def test_password_is_not_kept_with_the_failure() -> None:
    submit_password(browser(), username="ann", password="typed by mistake")

    assert "typed by mistake" not in str(list(AccessAttempt.objects.values()))


def test_logout_needs_the_form() -> None:
    client = browser(make_administrator("ann"))

    assert client.get("/logout/").status_code == 405


def test_page_of_somebody_logged_in_leads_on() -> None:
    client = browser(make_administrator("ann"))

    assert client.get("/login/").headers["Location"] == "/"
