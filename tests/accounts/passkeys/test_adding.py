"""Adding one's own passkeys (S50, S51)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Administrator, Passkey, RecoveryCode
from accounts.services.passkeys import MOST
from audit.models import AuditEvent
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    browser,
    login,
    make_administrator,
)
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey, encode
from tests.accounts.passkeys.steps import (
    NEW,
    actions,
    add_passkey,
    asked_on,
    inside,
    log_in,
    logged_in,
    visitor,
)

pytestmark = pytest.mark.django_db


def test_first_passkey_switches_two_factor_authentication_on(ann: Administrator) -> None:
    """S51: recovery codes are shown once, and the session goes on."""
    client = logged_in(ann)

    _, answer = add_passkey(client, name="Blue key")

    page = client.get("/account/").content.decode()
    assert len(answer.context["codes"]) == RecoveryCode.objects.count() == 10
    assert "Blue key" in page
    assert HOST in page
    assert "1 passkey, and 10 recovery codes left" in page
    assert login(username="ann").status_code == 401


def test_session_that_adds_the_first_passkey_goes_on_by_it(ann: Administrator) -> None:
    """It has seen no code, and the audit trail says of none."""
    client = logged_in(ann)
    add_passkey(client)

    client.post(f"/account/passkeys/{Passkey.objects.get().public_id}/rename/", {"name": "Blue"})

    assert AuditEvent.objects.latest("id").verified == "password and passkey"


def test_browser_is_asked_for_no_attestation(ann: Administrator) -> None:
    [asked] = asked_on(logged_in(ann).get(NEW))

    assert asked["attestation"] == "none"
    assert asked["rp"] == {"name": "Flotilla", "id": HOST}
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"


def test_second_passkey_leaves_the_recovery_codes(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    before = set(RecoveryCode.objects.values_list("digest", flat=True))

    other, answer = add_passkey(client, name="Spare")

    assert answer.headers["Location"] == "/account/"
    assert set(RecoveryCode.objects.values_list("digest", flat=True)) == before
    assert log_in(visitor(), other).status_code == 302


def test_browser_is_told_which_passkeys_there_are(passkey: SoftwarePasskey) -> None:
    """So that no device holds two."""
    [asked] = asked_on(inside(passkey).get(NEW))

    assert [known["id"] for known in asked["excludeCredentials"]] == [encode(passkey.credential_id)]


def test_passkey_belongs_to_one_person(passkey: SoftwarePasskey) -> None:
    bob = make_administrator("bob")

    _, answer = add_passkey(logged_in(bob), passkey)

    assert "The passkey was not accepted" in answer.content.decode()
    assert [str(each.user) for each in Passkey.objects.all()] == ["ann"]
    refused = AuditEvent.objects.get(action="account.passkey.refused")
    assert (refused.user, refused.details["reason"]) == ("bob", "known already")


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}], ids=str
)
def test_passkey_of_another_site_is_not_added(ann: Administrator, wrong: dict[str, Any]) -> None:
    _, answer = add_passkey(logged_in(ann), **wrong)

    assert "The passkey was not accepted" in answer.content.decode()
    assert not Passkey.objects.exists()
    assert actions()[-1] == "account.passkey.refused"


def test_answer_adds_one_passkey(ann: Administrator) -> None:
    client = logged_in(ann)
    [asked] = asked_on(client.get(NEW))
    answer = SoftwarePasskey().create(asked)
    client.post(NEW, {"name": "Key", "passkey": answer})
    Passkey.objects.all().delete()

    client.post(NEW, {"name": "Key", "passkey": answer})

    assert not Passkey.objects.exists()


def test_nobody_has_more_than_twenty(passkey: SoftwarePasskey, ann: Administrator) -> None:
    client = inside(passkey)
    Passkey.objects.bulk_create(
        Passkey(user=ann, name=f"{n}", rp_id=HOST, credential_id_sha256=f"{n}")
        for n in range(MOST - 1)
    )

    page = client.get(NEW).content.decode()

    assert "You have 20 passkeys; remove one first." in page
    assert "data-passkey-ask" not in page


def test_name_is_needed(ann: Administrator) -> None:
    _, answer = add_passkey(logged_in(ann), name="  ")

    assert "This field is required" in answer.content.decode()
    assert not Passkey.objects.exists()


def test_adding_ends_other_sessions_and_tokens(ann: Administrator) -> None:
    client, other, program = logged_in(ann), browser(ann), api_client(ann)

    add_passkey(client)

    assert other.get("/account/").status_code == 302
    assert program.get("/api/v1/account/").status_code == 401
    assert client.get("/account/").status_code == 200


def test_adding_asks_first_who_it_is(ann: Administrator) -> None:
    """The proof comes before the browser is asked, and leads to the page."""
    client = logged_in(ann)

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.get(NEW)
        proven = client.post(NEW, {"proof-password": PASSWORD})
        _, answer = add_passkey(client)

    assert "Confirm that it is you" in asked.content.decode()
    assert not asked_on(asked)
    assert proven.headers["Location"] == NEW
    assert len(answer.context["codes"]) == 10


def test_answer_without_a_fresh_proof_waits_for_it(ann: Administrator) -> None:
    client = logged_in(ann)
    [asked] = asked_on(client.get(NEW))
    given = {"name": "Key", "passkey": SoftwarePasskey().create(asked)}
    session = client.session
    session["proved_at"] = "2000-01-01T00:00:00+00:00"
    session.save()

    refused = client.post(NEW, given)
    done = client.post(NEW, {**dict(refused.context["typed"]), "proof-password": PASSWORD})

    assert not refused.context["form"].is_valid()
    assert len(done.context["codes"]) == 10
