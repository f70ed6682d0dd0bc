"""A passkey alone is a second factor, wherever that is asked (S49), and goes where factors go."""

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command

from accounts import replica
from accounts.management.actions import run
from accounts.models import Administrator, Passkey, RecoveryCode, Session
from accounts.services.passkeys import remove_passkey
from accounts.services.policy import change_policy
from audit.actor import Actor
from tests.accounts.factories import PASSWORD, api_client, codes_of, login, make_administrator
from tests.accounts.passkeys.software_passkey import SoftwarePasskey
from tests.accounts.passkeys.steps import (
    NEW,
    add_passkey,
    enrol,
    log_in,
    logged_in,
    visitor,
)

pytestmark = pytest.mark.django_db
ROOT = Actor.root()
ADMINISTRATORS = "/api/v1/administrators/"


def test_session_without_it_is_sent_away(passkey: SoftwarePasskey) -> None:
    client = visitor()
    client.force_login(Administrator.objects.get())

    assert codes_of(client.get(ADMINISTRATORS)) == ["second_factor_required"]
    assert client.get("/nodes/").headers["Location"].startswith("/login/")


def test_list_of_administrators_says_on(passkey: SoftwarePasskey) -> None:
    client = api_client(make_administrator("bob"))

    listed = {
        each["username"]: each["two_factor"]
        for each in client.get(ADMINISTRATORS).json()["results"]
    }

    assert listed == {"ann": True, "bob": False}


def test_it_is_what_the_cluster_asks_for(ann: Administrator) -> None:
    client = logged_in(ann)
    change_policy(actor=ROOT, second_factor_required=True)

    wizard = client.get("/account/two-factor/").content.decode()
    page = client.get(NEW).content.decode()
    add_passkey(client)

    assert f'href="{NEW}"' in wizard
    assert 'href="/account/"' not in page
    assert client.get("/nodes/").status_code == 200


def test_who_asks_everybody_may_have_a_passkey_alone(passkey: SoftwarePasskey) -> None:
    client = visitor()
    log_in(client, passkey)

    answer = client.post("/settings/access-policy/", {"second_factor_required": "on"})

    assert answer.headers["Location"] == "/settings/administrators/"


def test_roots_account_of_somebody_says_on(passkey: SoftwarePasskey) -> None:
    assert run("get-user-info", {"user": "ann"}, actor=ROOT)["2fa"] is True


@pytest.mark.parametrize(
    "disable",
    [
        lambda: run("alter-user", {"user": "ann", "set": {"2fa": False}}, actor=ROOT),
        lambda: run(
            "alter-user", {"user": "ann", "set": {"2fa": False, "password": PASSWORD}}, actor=ROOT
        ),
        lambda: call_command("reset_password", "ann", "--disable-2fa", "--json"),
    ],
    ids=["2fa", "both", "command"],
)
def test_root_switches_it_off(
    passkey: SoftwarePasskey, disable: Callable[[], object], capsys: pytest.CaptureFixture[str]
) -> None:
    """S53: a lost passkey keeps nobody out for ever."""
    disable()

    assert not Passkey.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert not Session.objects.exists()
    said = capsys.readouterr().out
    password = json.loads(said)["one_time_password"] if said else PASSWORD
    assert login(username="ann", password=password).status_code == 200


def test_reset_of_the_password_alone_leaves_it(passkey: SoftwarePasskey) -> None:
    run("alter-user", {"user": "ann", "set": {"password": PASSWORD}}, actor=ROOT)

    assert login(username="ann").status_code == 401


def test_cluster_is_told_of_every_change_once(
    ann: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    _, codes = enrol(ann)
    monkeypatch.setattr(replica.changed, "listeners", [lambda: noted.append("changed")])

    enrol(make_administrator("bob"))
    assert noted == ["changed"]

    remove_passkey(Passkey.objects.get(user=ann), actor=ROOT, password=PASSWORD, otp=codes[0])
    assert noted == ["changed"] * 3


def test_cluster_is_not_told_of_logins(
    passkey: SoftwarePasskey, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(replica.changed, "listeners", [lambda: noted.append("changed")])

    log_in(visitor(), passkey)

    assert noted == []
