"""One's own passkeys: adding, naming, removing them, and what becomes of everything else (S50)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Administrator, Authenticator, Passkey, RecoveryCode
from audit.models import AuditEvent
from tests.accounts.authenticator_app import AuthenticatorApp
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    codes_of,
    enable_totp,
    login,
    make_administrator,
    make_auditor,
    submit_code,
    submit_password,
)
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey
from tests.accounts.passkeys.steps import (
    NEW,
    actions,
    add_passkey,
    asked_on,
    enrol,
    inside,
    log_in,
    logged_in,
    proof,
    visitor,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/account/passkeys/"


def remove_path() -> str:
    return f"/account/passkeys/{Passkey.objects.get().public_id}/remove/"


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


def test_challenge_for_a_new_passkey_proves_nothing(passkey: SoftwarePasskey) -> None:
    client = inside(passkey)
    [asked] = asked_on(client.get(NEW))
    answer = passkey.get({**asked, "rpId": asked["rp"]["id"]})

    client.post(remove_path(), {"password": PASSWORD, "passkey": answer})

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


def test_session_outlives_the_application_that_opened_it_by_the_api_too(
    ann: Administrator,
) -> None:
    application, codes = enable_totp(ann)
    client = visitor()
    submit_password(client, username="ann")
    submit_code(client, application.code())
    add_passkey(client)
    given = {"password": PASSWORD, "otp": codes[0]}

    gone = client.delete("/api/v1/account/totp/", given, content_type="application/json")

    assert (gone.status_code, Authenticator.objects.exists()) == (204, False)
    assert client.get("/account/").status_code == 200


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
