"""Logging in with a passkey (S49), and every answer that must not do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Administrator, Passkey, PasskeyChallenge
from accounts.services.codes import Verdict, judge_code
from accounts.tasks import tidy_up
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
    asked_on,
    begin_login,
    enrol,
    log_in,
    submit_passkey,
    visitor,
)

pytestmark = pytest.mark.django_db
REFUSAL = "The user name, the password or the code is wrong, or not accepted from here."
INVALID = "passkey: wrong signature, origin or name"
EVIL = "https://evil.example"


def reasons() -> list[str]:
    """Why logins failed, as the trail has it."""
    events = AuditEvent.objects.filter(action="auth.login.failed").order_by("id")
    return [event.details["reason"] for event in events]


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


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"origin": EVIL}, INVALID),
        ({"origin": "https://node1.example.org:444"}, INVALID),
        ({"rp_id": "evil.example"}, INVALID),
        ({"kind": "webauthn.create"}, INVALID),
        ({"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"}, INVALID),
        ({"flags": 0x04}, INVALID),
        ({"challenge": encode(b"x" * 64)}, "passkey: challenge unknown, used or too old"),
    ],
    ids=["origin", "port", "name", "kind", "signature", "nobody there", "challenge"],
)
def test_wrong_answer_opens_nothing(
    passkey: SoftwarePasskey, wrong: dict[str, Any], reason: str
) -> None:
    client = visitor()

    answer = log_in(client, passkey, **wrong)

    assert REFUSAL in answer.content.decode()
    assert client.get("/account/").status_code == 302
    assert reasons() == [reason]


def test_answer_is_good_once(passkey: SoftwarePasskey) -> None:
    """A double click, or somebody who listened."""
    client, other = visitor(), visitor()
    [asked] = begin_login(client)
    answer = passkey.get(asked)
    submit_passkey(client, answer)
    client.post("/logout/")

    begin_login(client)
    begin_login(other)

    assert REFUSAL in submit_passkey(client, answer).content.decode()
    assert REFUSAL in submit_passkey(other, answer).content.decode()


def test_challenge_is_spent_by_a_wrong_answer(passkey: SoftwarePasskey) -> None:
    client = visitor()
    [asked] = begin_login(client)
    submit_passkey(client, passkey.get(asked, origin=EVIL))

    submit_passkey(client, passkey.get(asked))

    assert client.get("/account/").status_code == 302


def test_challenge_of_another_session_is_no_good(passkey: SoftwarePasskey) -> None:
    """Who knows the password cannot have the owner answer for him."""
    thief, owner = visitor(), visitor()
    [asked] = begin_login(thief)
    begin_login(owner)

    submit_passkey(owner, passkey.get(asked))

    assert owner.get("/account/").status_code == 302
    assert reasons() == ["passkey: challenge unknown, used or too old"]


def test_challenge_waits_five_minutes(passkey: SoftwarePasskey) -> None:
    client = visitor()
    [asked] = begin_login(client)

    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        answer = submit_passkey(client, passkey.get(asked))

        assert REFUSAL in answer.content.decode()
        again, *_ = asked_on(answer)
        submit_passkey(client, passkey.get(again))
        assert client.get("/account/").status_code == 200


def test_expired_challenges_are_forgotten(passkey: SoftwarePasskey) -> None:
    begin_login(visitor())
    assert PasskeyChallenge.objects.exists()

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        tidy_up()

    assert not PasskeyChallenge.objects.exists()


def test_passkey_of_another_person_is_refused(passkey: SoftwarePasskey) -> None:
    other, _ = enrol(make_administrator("bob"))
    client = visitor()

    log_in(client, other, username="ann")

    assert client.get("/account/").status_code == 302
    assert reasons() == ["passkey: another person's passkey"]


def test_unknown_passkey_is_refused(passkey: SoftwarePasskey) -> None:
    client = visitor()

    log_in(client, SoftwarePasskey())

    assert client.get("/account/").status_code == 302
    assert reasons() == ["passkey: unknown passkey"]


def test_challenge_for_a_new_passkey_does_not_log_in(passkey: SoftwarePasskey) -> None:
    client = visitor()
    log_in(client, passkey)
    [asked] = asked_on(client.get("/account/passkeys/new/"))
    client.post("/logout/")
    begin_login(client)

    submit_passkey(client, passkey.get({**asked, "rpId": asked["rp"]["id"]}))

    assert client.get("/account/").status_code == 302


def test_counter_that_goes_back_is_refused_and_recorded(ann: Administrator) -> None:
    """There may be a copy of the passkey (W3C WebAuthn, 6.1.1)."""
    passkey, _ = enrol(ann)
    Passkey.objects.update(sign_count=41)
    passkey.count = 41
    client = visitor()

    log_in(client, passkey)

    assert client.get("/account/").status_code == 302
    refused = AuditEvent.objects.get(action="account.passkey.refused")
    assert refused.details == {"reason": "its counter went back", "passkey": "Key"}
    assert (refused.outcome, refused.verified) == ("denied", "password")
    assert reasons() == ["passkey: its counter went back"]


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
