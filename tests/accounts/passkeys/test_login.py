"""Logging in with a passkey, or with what stands in for it (S49)."""

from collections.abc import Callable

import pytest

from accounts.models import Administrator, Passkey
from accounts.services.codes import Verdict, judge_code
from audit.actor import Actor
from audit.models import AuditEvent
from tests.accounts.factories import (
    codes_of,
    login,
    make_administrator,
    named_client,
    submit_code,
    submit_password,
)
from tests.accounts.passkeys.software_passkey import SoftwarePasskey, encode
from tests.accounts.passkeys.steps import (
    begin_login,
    enrol,
    log_in,
    submit_passkey,
    visitor,
)

pytestmark = pytest.mark.django_db
EVIL = "https://evil.example"


def test_passkey_opens_the_session(passkey: SoftwarePasskey) -> None:
    client = visitor()

    assert log_in(client, passkey).status_code == 302

    assert client.get("/account/").status_code == 200
    assert client.get("/api/v1/account/").json()["two_factor"] is True


def test_password_alone_opens_nothing(passkey: SoftwarePasskey) -> None:
    """S49: a passkey alone is a second factor."""
    client = visitor()
    page = submit_password(client, username="ann").content.decode()

    assert "One more step" in page
    assert "Use a passkey" in page
    assert client.get("/account/").status_code == 302
    assert client.get("/api/v1/account/").status_code == 401


def test_browser_is_asked_for_the_persons_own_passkeys_alone(passkey: SoftwarePasskey) -> None:
    enrol(make_administrator("bob"))

    [asked] = begin_login(visitor())

    assert [known["id"] for known in asked["allowCredentials"]] == [encode(passkey.credential_id)]
    assert (asked["rpId"], asked["userVerification"]) == ("node1.example.org", "preferred")


def test_session_gets_a_new_id(passkey: SoftwarePasskey) -> None:
    client = visitor()
    submit_password(client, username="ann")
    before = client.cookies["__Host-flotilla-session"].value

    log_in(client, passkey)

    assert client.cookies["__Host-flotilla-session"].value != before


def test_trail_says_that_it_was_a_passkey(passkey: SoftwarePasskey) -> None:
    client = visitor()
    log_in(client, passkey)
    client.post("/logout/")

    events = AuditEvent.objects.order_by("-id")[:2]

    assert [(event.action, event.verified) for event in events] == [
        ("auth.logged_out", "password and passkey"),
        ("auth.login.succeeded", "password and passkey"),
    ]


def test_recovery_code_stands_in_for_the_passkey(ann: Administrator) -> None:
    """Without JavaScript, or without the passkey."""
    _, codes = enrol(ann)
    client = visitor()
    page = submit_password(client, username="ann")

    submit_code(client, codes[0])

    assert "One of your recovery codes." in page.content.decode()
    assert "Enter a code instead" in page.content.decode()
    assert client.get("/account/").status_code == 200
    client.post("/logout/")
    assert AuditEvent.objects.latest("id").verified == "password and code"


def test_recovery_code_opens_the_api(ann: Administrator) -> None:
    _, codes = enrol(ann)

    assert login(username="ann").status_code == 401
    assert login(username="ann", otp=codes[0]).status_code == 200
    assert login(username="ann", otp=codes[0]).status_code == 401


def test_named_token_needs_no_passkey(passkey: SoftwarePasskey, ann: Administrator) -> None:
    assert named_client(ann).get("/api/v1/account/").json()["two_factor"] is True


def test_wrong_recovery_codes_are_counted_without_an_application(ann: Administrator) -> None:
    _, codes = enrol(ann)
    wrong = [judge_code(ann, actor=Actor.system(), code="abcd") for _ in range(11)]

    assert wrong == [Verdict.WRONG] * 10 + [Verdict.BLOCKED]
    assert login(username="ann", otp=codes[0]).status_code == 401


def test_counter_that_grows_is_kept(ann: Administrator) -> None:
    passkey, _ = enrol(ann)
    passkey.count = 2**32 - 2

    log_in(visitor(), passkey)
    log_in(visitor(), passkey)

    assert Passkey.objects.get().sign_count == 2**32 - 1


def test_passkey_that_does_not_count_works_again_and_again(passkey: SoftwarePasskey) -> None:
    first, second = visitor(), visitor()

    log_in(first, passkey)
    log_in(second, passkey)

    assert second.get("/account/").status_code == 200
    assert Passkey.objects.get().sign_count == 0


def test_failures_lock_nobody(passkey: SoftwarePasskey) -> None:
    """Nobody guesses signatures; the owner is told of the attempts."""
    for _ in range(12):
        log_in(visitor(), passkey, origin=EVIL)

    assert log_in(visitor(), passkey).status_code == 302
    ann = Administrator.objects.get()
    assert (ann.wrong_codes, ann.failures_before_login) == (0, 12)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Administrator.objects.update(is_active=False),
        lambda: Administrator.objects.update(allowed_networks=["192.0.2.0/24"]),
        lambda: Administrator.objects.all().delete(),
        lambda: Passkey.objects.all().delete(),
    ],
    ids=["deactivated", "network", "deleted", "removed"],
)
def test_who_may_no_longer_enter_does_not(
    passkey: SoftwarePasskey, change: Callable[[], object]
) -> None:
    client = visitor()
    [asked] = begin_login(client)
    change()

    submit_passkey(client, passkey.get(asked))

    assert client.get("/nodes/").status_code == 302


def test_program_that_sends_a_passkey_is_not_let_in(passkey: SoftwarePasskey) -> None:
    """Passkeys are for browsers: the API's login has no such field."""
    [asked] = begin_login(visitor())

    answer = login(username="ann", passkey=passkey.get(asked))

    assert (answer.status_code, codes_of(answer)) == (401, ["authentication_failed"])
