"""Accounts in the sealed part of the cluster's state."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet

from accounts import replica
from accounts.models import Administrator, Authenticator, Session
from accounts.services import (
    change_administrator,
    change_own_password,
    create_administrator,
    delete_administrator,
    reset_password,
)
from accounts.services.tokens import create_token, revoke_token
from audit.actor import Actor
from tests.accounts.factories import (
    NEW_PASSWORD,
    PASSWORD,
    api_client,
    browser,
    client_with,
    enable_totp,
    login,
    make_administrator,
    make_auditor,
)

pytestmark = pytest.mark.django_db
ROOT = Actor.root()


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that the cluster was told."""
    noted: list[str] = []
    monkeypatch.setattr(replica.changed, "listeners", [lambda: noted.append("changed")])
    return noted


def test_everything_but_sessions_survives_a_move_to_another_node(settings: Any) -> None:
    ann = make_administrator("ann", allowed_networks=["127.0.0.0/8"], full_name="Ann")
    application, codes = enable_totp(ann)
    make_auditor("otto")
    _, token = create_token(ann, actor=ROOT, name="backup", read_only=True)
    api_client(ann)
    browser(make_administrator("bob"))

    moved = json.loads(json.dumps(replica.export()))
    settings.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()
    replica.restore(moved)

    assert replica.export() == moved
    assert not Session.objects.exists()
    assert client_with(token).get("/api/v1/account/").json()["full_name"] == "Ann"
    assert login(username="ann").status_code == 401
    assert login(username="ann", otp=application.code()).status_code == 200
    assert login(username="ann", otp=codes[0]).status_code == 200
    assert Administrator.objects.get(username="otto").role == "auditor"


def test_used_code_stays_used_after_the_move() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    code = application.code()
    login(username="ann", otp=code)

    replica.restore(replica.export())

    assert login(username="ann", otp=code).status_code == 401


def test_token_of_a_login_does_not_travel() -> None:
    client = api_client(make_administrator("ann"))

    replica.restore(replica.export())

    assert client.get("/api/v1/account/").status_code == 401


def test_key_that_waits_for_its_first_code_does_not_travel() -> None:
    ann = make_administrator("ann")
    enable_totp(ann)
    Authenticator.objects.update(confirmed=False)

    assert replica.export()["administrators"][0]["authenticator"] is None


@pytest.mark.parametrize(
    "change",
    [
        lambda ann: create_administrator(actor=ROOT, username="eve"),
        lambda ann: change_administrator(ann, actor=ROOT, full_name="Ann"),
        lambda ann: delete_administrator(ann, actor=ROOT),
        lambda ann: reset_password(ann, actor=ROOT),
        lambda ann: change_own_password(
            ann, actor=ROOT, current_password=PASSWORD, new_password=NEW_PASSWORD
        ),
        lambda ann: enable_totp(ann),
        lambda ann: create_token(ann, actor=ROOT, name="backup"),
    ],
)
def test_cluster_is_told_of_every_change_once(
    changes: list[str], change: Callable[[Administrator], object]
) -> None:
    make_administrator("bob")

    change(make_administrator("ann"))

    assert changes == ["changed"]


def test_cluster_is_told_of_a_revoked_token(changes: list[str]) -> None:
    token, _ = create_token(make_administrator("ann"), actor=ROOT, name="backup")

    revoke_token(token, actor=ROOT)

    assert changes == ["changed", "changed"]


def test_cluster_is_not_told_of_logins(changes: list[str]) -> None:
    ann = make_administrator("ann")

    login(username="ann")
    login(username="ann", password="wrong")
    browser(ann)

    assert changes == []
