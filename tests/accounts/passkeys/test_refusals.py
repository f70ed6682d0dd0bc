"""Every answer of a passkey that must not log in (S49)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Administrator, Passkey, PasskeyChallenge
from accounts.tasks import tidy_up
from audit.models import AuditEvent
from tests.accounts.factories import (
    make_administrator,
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


def test_passkey_from_a_network_that_is_not_allowed_opens_nothing(passkey: SoftwarePasskey) -> None:
    client = visitor()
    [asked] = begin_login(client)
    Administrator.objects.update(allowed_networks=["192.0.2.0/24"])

    submit_passkey(client, passkey.get(asked))

    assert (client.get("/account/").status_code, reasons()) == (302, ["network"])


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


def test_challenge_of_another_person_is_no_good(passkey: SoftwarePasskey) -> None:
    """In one session, who begins as ann does not end as bob."""
    enrol(make_administrator("bob"))
    client = visitor()
    [asked] = begin_login(client, "ann")
    begin_login(client, "bob")

    submit_passkey(client, passkey.get(asked))

    assert client.get("/account/").status_code == 302
    assert reasons() == ["passkey: challenge unknown, used or too old"]


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
