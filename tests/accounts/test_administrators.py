"""Making, changing and deleting administrators (S42 to S47)."""

from typing import Any

import pytest

from accounts.errors import AdministratorNotFound, CannotDeleteSelf, LastAdministrator
from accounts.models import Administrator, ApiToken, Session
from accounts.services import change_administrator, delete_administrator
from audit.actor import Actor, ActorKind, Interface
from audit.models import AuditEvent
from tests.accounts.factories import (
    api_client,
    browser,
    client_with,
    codes_of,
    login,
    make_administrator,
    make_auditor,
)

pytestmark = pytest.mark.django_db
PATH = "/api/v1/administrators/"


def test_created_administrator_can_do_everything_after_their_first_password() -> None:
    """S42, S45."""
    client = api_client(make_administrator("ann"))

    answer = client.post(PATH, {"username": "bob", "full_name": "Bob"}, format="json")

    assert answer.status_code == 201
    password = answer.json()["one_time_password"]
    bob = client_with(login(username="bob", password=password).json()["token"])
    changed = bob.post(
        "/api/v1/account/password/",
        {"current_password": password, "new_password": "a password of bob"},
        format="json",
    )
    assert changed.status_code == 204
    assert bob.post(PATH, {"username": "eve"}, format="json").status_code == 201


def test_administrator_is_shown_as_other_programs_rely_on() -> None:
    client = api_client(make_administrator("ann"))

    shown = client.get(f"{PATH}ann/").json()

    assert shown == {
        "username": "ann",
        "full_name": "",
        "email": "",
        "role": "administrator",
        "is_active": True,
        "two_factor": False,
        "allowed_networks": [],
        "must_change_password": False,
        "last_login": None,
        "sessions": 0,
    }


@pytest.mark.parametrize(
    ("given", "attr", "code"),
    [
        ({}, "username", "required"),
        ({"username": "ann"}, "username", "username_taken"),
        ({"username": "Bob"}, "username", "invalid_username"),
        ({"username": "1bob"}, "username", "invalid_username"),
        ({"username": "bob;id"}, "username", "invalid_username"),
        ({"username": "b" * 33}, "username", "max_length"),
        ({"username": "bob", "email": "x"}, "email", "invalid"),
        ({"username": "bob", "role": "root"}, "role", "invalid_choice"),
        ({"username": "bob", "allowed_networks": ["x"]}, "allowed_networks", "invalid_network"),
    ],
)
def test_bad_value_is_an_error_of_its_field(given: dict[str, Any], attr: str, code: str) -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(PATH, given, format="json")

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["attr"], error["code"]) == (400, attr, code)
    assert Administrator.objects.count() == 1


@pytest.mark.parametrize(
    "smuggled",
    [
        {"password": "x"},
        {"is_superuser": True},
        {"must_change_password": False},
        {"two_factor": True},
        {"id": 1},
        {"last_login": "2000-01-01T00:00:00Z"},
    ],
)
def test_no_other_field_can_be_smuggled_in(smuggled: dict[str, Any]) -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(PATH, {"username": "bob", **smuggled}, format="json")

    bob = Administrator.objects.get(username="bob")
    assert answer.status_code == 201
    assert bob.must_change_password
    assert not bob.check_password("x")
    assert bob.last_login is None


def test_own_role_cannot_be_raised_through_the_account() -> None:
    client = api_client(make_auditor("otto"))

    answer = client.patch("/api/v1/account/", {"role": "administrator"}, format="json")

    assert answer.json()["role"] == "auditor"
    assert Administrator.objects.get(username="otto").role == "auditor"


def test_change_is_recorded_with_before_and_after() -> None:
    client = api_client(make_administrator("ann"))
    make_administrator("bob")

    client.patch(f"{PATH}bob/", {"full_name": "Bob", "role": "auditor"}, format="json")

    event = AuditEvent.objects.get(action="administrator.changed")
    assert (event.user, event.target_id) == ("ann", "bob")
    assert event.details == {
        "before": {"full_name": "", "role": "administrator"},
        "after": {"full_name": "Bob", "role": "auditor"},
    }


def test_change_of_nothing_is_no_event() -> None:
    client = api_client(make_administrator("ann"))
    make_administrator("bob")

    client.patch(f"{PATH}bob/", {"full_name": ""}, format="json")

    assert not AuditEvent.objects.filter(action="administrator.changed").exists()


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"is_active": False}])
def test_new_role_or_state_ends_sessions_and_tokens(change: dict[str, Any]) -> None:
    client = api_client(make_administrator("ann"))
    bob = make_administrator("bob")
    page, program = browser(bob), api_client(bob)

    client.patch(f"{PATH}bob/", change, format="json")

    assert page.get("/account/").status_code == 302
    assert program.get("/api/v1/account/").status_code == 401
    assert not Session.objects.exists()


def test_new_name_ends_nothing() -> None:
    client = api_client(make_administrator("ann"))
    program = api_client(make_administrator("bob"))

    client.patch(f"{PATH}bob/", {"full_name": "Bob"}, format="json")

    assert program.get("/api/v1/account/").status_code == 200


def test_nobody_deletes_themselves() -> None:
    """S46."""
    make_administrator("bob")
    client = api_client(make_administrator("ann"))

    answer = client.delete(f"{PATH}ann/")

    assert (answer.status_code, codes_of(answer)) == (409, ["cannot_delete_self"])


def test_another_deletes_and_the_deleted_is_out_at_once() -> None:
    """S47."""
    client = api_client(make_administrator("ann"))
    bob = make_administrator("bob")
    page, program = browser(bob), api_client(bob)

    assert client.delete(f"{PATH}bob/").status_code == 204

    assert page.get("/account/").status_code == 302
    assert program.get("/api/v1/account/").status_code == 401
    assert not ApiToken.objects.filter(user__username="bob").exists()


def test_deleted_administrator_stays_in_the_trail() -> None:
    client = api_client(make_administrator("ann"))
    login(username=make_administrator("bob").username)

    client.delete(f"{PATH}bob/")

    assert AuditEvent.objects.filter(user="bob", action="auth.login.succeeded").exists()
    event = AuditEvent.objects.get(action="administrator.deleted")
    assert (event.user, event.target_label) == ("ann", "bob")


def test_last_active_administrator_cannot_be_deleted() -> None:
    make_auditor("otto")
    make_administrator("bob", is_active=False)
    ann = make_administrator("ann")

    with pytest.raises(LastAdministrator):
        delete_administrator(ann, actor=Actor.root())


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"is_active": False}])
def test_last_active_administrator_stays_one(change: dict[str, Any]) -> None:
    make_auditor("otto")
    client = api_client(make_administrator("ann"))

    answer = client.patch(f"{PATH}ann/", change, format="json")

    assert (answer.status_code, codes_of(answer)) == (409, ["last_administrator"])


def test_auditor_can_be_deleted_whoever_is_left() -> None:
    make_administrator("ann")

    delete_administrator(make_auditor("otto"), actor=Actor.root())

    assert not Administrator.objects.filter(username="otto").exists()


def test_nobody_shuts_themselves_out_by_network() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.patch(f"{PATH}ann/", {"allowed_networks": ["192.0.2.0/24"]}, format="json")

    assert codes_of(answer) == ["network_locks_out"]


def test_unknown_administrator_is_not_found() -> None:
    client = api_client(make_administrator("ann"))

    assert codes_of(client.get(f"{PATH}nobody/")) == ["administrator_not_found"]
    assert codes_of(client.delete(f"{PATH}nobody/")) == ["administrator_not_found"]


def test_stale_copy_of_a_deleted_account_changes_nothing() -> None:
    make_administrator("ann")
    bob = make_administrator("bob")
    stale = Administrator.objects.get(pk=bob.pk)
    delete_administrator(bob, actor=Actor.root())

    with pytest.raises(AdministratorNotFound):
        change_administrator(stale, actor=Actor.root(), full_name="Bob")


def test_refused_deletion_leaves_no_event() -> None:
    ann = make_administrator("ann")

    actor = Actor("ann", ActorKind.ADMINISTRATOR, Interface.API)
    with pytest.raises(CannotDeleteSelf):
        delete_administrator(ann, actor=actor)

    assert not AuditEvent.objects.exists()


def test_reset_gives_a_one_time_password_and_ends_access() -> None:
    client = api_client(make_administrator("ann"))
    bob = make_administrator("bob")
    program = api_client(bob)

    answer = client.post(f"{PATH}bob/password/")

    password = answer.json()["one_time_password"]
    assert program.get("/api/v1/account/").status_code == 401
    assert login(username="bob").status_code == 401
    assert login(username="bob", password=password).json()["must_change_password"] is True
    assert password not in str(list(AuditEvent.objects.values()))


def test_own_password_is_not_reset_but_changed() -> None:
    client = api_client(make_administrator("ann"))

    assert codes_of(client.post(f"{PATH}ann/password/")) == ["cannot_reset_self"]


def test_list_is_in_pages_by_name() -> None:
    client = api_client(make_administrator("ann"))
    make_administrator("bob")
    make_administrator("eve")

    first = client.get(f"{PATH}?page_size=2").json()
    second = client.get(first["next"]).json()

    names = [[each["username"] for each in page["results"]] for page in (first, second)]
    assert names == [["ann", "bob"], ["eve"]]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["cursor=x", "page_size=0", "page_size=x", "page_size=-1"])
def test_bad_page_is_an_error_of_its_field(query: str) -> None:
    client = api_client(make_administrator("ann"))

    answer = client.get(f"{PATH}?{query}")

    attr = query.partition("=")[0]
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
