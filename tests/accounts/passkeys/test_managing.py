"""One's own passkeys: adding, naming, removing them, and what becomes of everything else (S50)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Administrator, Authenticator, Passkey, RecoveryCode
from accounts.services.passkeys import MOST
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
    submit_code,
    submit_password,
)
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey, encode
from tests.accounts.passkeys.steps import (
    NEW,
    add_passkey,
    asked_on,
    enrol,
    log_in,
    logged_in,
    proof,
    visitor,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/account/passkeys/"


def remove_path() -> str:
    return f"/account/passkeys/{Passkey.objects.get().public_id}/remove/"


def inside(passkey: SoftwarePasskey) -> Client:
    """A browser that logged in with it."""
    client = visitor()
    log_in(client, passkey)
    return client


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


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


def test_passkey_is_a_proof(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    path = "/settings/create-administrator/"
    typed = {"username": "eve", "role": "auditor"}

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post(path, typed)
        [options] = asked_on(asked)
        given = {"proof-password": PASSWORD, "proof-passkey": passkey.get(options)}
        wrong = client.post(path, {**typed, **given, "proof-password": "wrong"})
        [options] = asked_on(wrong)
        done = client.post(path, {**typed, **given, "proof-passkey": passkey.get(options)})

    assert "The password or the code is wrong" in wrong.content.decode()
    assert "eve was created" in done.content.decode()


def test_password_alone_is_no_proof(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        given = {"username": "eve", "role": "auditor", "proof-password": PASSWORD}
        answer = client.post("/settings/create-administrator/", given)

    assert "Enter a code, or use a passkey." in answer.content.decode()
    assert not Administrator.objects.filter(username="eve").exists()


def test_auditor_adds_their_own() -> None:
    _, answer = add_passkey(logged_in(make_auditor("otto")))

    assert len(answer.context["codes"]) == 10


def test_rename(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    path = f"/account/passkeys/{Passkey.objects.get().public_id}/rename/"

    assert 'value="Key"' in client.get(path).content.decode()
    client.post(path, {"name": "Spare"})

    assert Passkey.objects.get().name == "Spare"
    event = AuditEvent.objects.get(action="account.passkey.renamed")
    assert event.details == {"before": {"name": "Key"}, "after": {"name": "Spare"}}


def test_last_passkey_takes_the_recovery_codes_along(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    page = client.get(remove_path()).content.decode()

    client.post(remove_path(), proof(client, remove_path(), passkey))

    assert "your last second factor" in page
    assert not Passkey.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert "Two-factor authentication is off." in client.get("/account/").content.decode()
    assert login(username="ann").status_code == 200
    event = AuditEvent.objects.get(action="account.passkey.removed")
    assert (event.target_label, event.details) == ("Key", {"two_factor": False})


def test_removing_leaves_this_session_verified_by_what_is_left(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    spare, _ = add_passkey(client, name="Spare")
    path = f"/account/passkeys/{Passkey.objects.get(name='Key').public_id}/remove/"
    other = inside(spare)
    [asked] = asked_on(client.get(path))

    client.post(path, {"password": PASSWORD, "passkey": spare.get(asked)})

    assert "Two-factor authentication stays on." in client.get("/account/").content.decode()
    assert other.get("/account/").status_code == 302
    assert [each.name for each in Passkey.objects.all()] == ["Spare"]
    assert RecoveryCode.objects.count() == 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "wrong", "otp": "abcd"}, "This is not your current password"),
        ({"password": PASSWORD, "otp": "abcd"}, "This code is wrong"),
        ({"password": PASSWORD, "passkey": "{}"}, "The passkey was not accepted"),
        ({"password": PASSWORD}, "Enter a code, or use a passkey."),
    ],
    ids=["password", "code", "passkey", "nothing"],
)
def test_removing_needs_both_factors(
    passkey: SoftwarePasskey, given: dict[str, str], said: str
) -> None:
    client = inside(passkey)

    answer = client.post(remove_path(), given)

    assert said in answer.content.decode()
    assert Passkey.objects.exists()


def test_other_peoples_passkeys_are_not_there(passkey: SoftwarePasskey) -> None:
    bob = logged_in(make_administrator("bob"))
    path = remove_path()

    assert bob.get(path).status_code == 404
    assert bob.post(path, {"password": PASSWORD}).status_code == 404
    assert bob.post(path.replace("remove", "rename"), {"name": "mine"}).status_code == 404
    assert Passkey.objects.get().name == "Key"


def test_application_is_added_beside_the_passkey(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    path = "/account/two-factor/"
    alone = client.post(path, {"password": PASSWORD})

    client.post(path, proof(client, path, passkey))
    code = AuthenticatorApp(Authenticator.objects.get().key).code()
    client.post("/account/two-factor/confirm/", {"otp": code})

    assert "Enter a code, or use a passkey." in alone.content.decode()
    assert Authenticator.objects.get().confirmed
    assert RecoveryCode.objects.count() == 10
    page = client.get("/account/").content.decode()
    assert "your recovery codes stay" in page
    assert "an authenticator application, 1 passkey, and 10 recovery codes left" in page


def test_application_goes_and_the_passkey_stays(ann: Administrator) -> None:
    application, _ = enable_totp(ann)
    client = visitor()
    submit_password(client, username="ann")
    submit_code(client, application.code())
    passkey, _ = add_passkey(client)
    path = "/account/two-factor/disable/"

    client.post(path, proof(client, path, passkey))

    assert not Authenticator.objects.exists()
    assert RecoveryCode.objects.count() == 10
    assert client.get("/account/").status_code == 200
    assert actions()[-1] == "account.totp.removed"
    assert log_in(visitor(), passkey).status_code == 302


def test_passkey_makes_new_recovery_codes(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    path = "/account/two-factor/recovery-codes/"

    answer = client.post(path, proof(client, path, passkey))

    assert login(username="ann", otp=answer.context["codes"][0]).status_code == 200


def test_api_lists_renames_and_removes(ann: Administrator) -> None:
    _, codes = enrol(ann)
    client = api_client(ann)

    [listed] = client.get(API).json()
    path = f"{API}{listed['id']}/"
    renamed = client.patch(path, {"name": "Spare"}, format="json").json()
    refused = client.delete(path, {"password": PASSWORD, "otp": "abcd"}, format="json")
    removed = client.delete(path, {"password": PASSWORD, "otp": codes[0]}, format="json")

    assert (listed["name"], listed["bound_to"], renamed["name"]) == ("Key", HOST, "Spare")
    assert set(listed) == {"id", "name", "bound_to", "created_at", "last_used_at"}
    assert codes_of(refused) == ["wrong_code"]
    assert removed.status_code == 204
    assert client.get(API).json() == []


def test_api_says_that_there_is_no_such_passkey(ann: Administrator) -> None:
    client = api_client(ann)

    assert codes_of(client.patch(f"{API}no/", {"name": "a"}, format="json")) == [
        "passkey_not_found"
    ]


def test_api_begins_an_application_only_with_both_factors(ann: Administrator) -> None:
    """The password alone must not become a proof of both."""
    _, codes = enrol(ann)
    client = api_client(ann)
    path = "/api/v1/account/totp/"

    assert codes_of(client.post(path, {"password": PASSWORD}, format="json")) == ["wrong_code"]
    begun = client.post(path, {"password": PASSWORD, "otp": codes[0]}, format="json")
    assert "secret" in begun.json()
