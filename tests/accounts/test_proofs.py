"""Step-up: what gives or takes power asks for password and code again after five minutes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Administrator, ApiToken
from audit.models import AuditEvent
from tests.access import read_table
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    client_with,
    codes_of,
    enable_totp,
    login,
    make_auditor,
    named_client,
    people,
)
from tests.routes import all_routes

pytestmark = pytest.mark.django_db
UUID = "0b5c64c1-6d2f-4d0b-9d4c-111111111111"
NEW = "/api/v1/administrators/"
NEW_PAGE = "/settings/create-administrator/"


@pytest.fixture
def old_login(ann: Administrator) -> Iterator[APIClient]:
    """A program that logged in six minutes ago."""
    client = api_client(ann)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        yield client


def prove(client: Any, **proof: Any) -> Any:
    return client.post("/api/v1/account/proof/", {"password": PASSWORD, **proof}, format="json")


def create(client: APIClient, username: str = "eve") -> Any:
    return client.post(NEW, {"username": username}, format="json")


def test_what_asks_does_so_by_the_table_and_by_its_view_alike() -> None:
    """``tests/access.txt``, where *stale* is whose last proof is too old."""
    asking = {
        (route.pattern, method.lower())
        for route in all_routes()
        for method in methods_of(route.view)
    }

    known = {(row.pattern, row.method): row.words["stale"] for row in read_table()}
    assert {name for name, word in known.items() if word == "proof"} == asking & known.keys()


def methods_of(view: Any) -> tuple[str, ...]:
    made = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return tuple(getattr(made, "asks_for_proof", ()))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", NEW),
        ("patch", f"{NEW}ann/"),
        ("delete", f"{NEW}bob/"),
        ("post", f"{NEW}bob/password/"),
        ("put", "/api/v1/account/totp/"),
        ("patch", "/api/v1/access-policy/"),
        ("post", "/api/v1/join-codes/"),
        ("post", "/api/v1/nodes/2/removal/"),
        ("post", "/api/v1/nodes/2/promotion/"),
        ("post", "/api/v1/cluster/follow/"),
        ("post", "/api/v1/cluster/reassert/"),
        ("post", "/api/v1/tokens/"),
    ],
)
def test_login_of_six_minutes_ago_is_not_enough(
    old_login: APIClient, method: str, path: str
) -> None:
    answer = getattr(old_login, method)(path, {}, format="json")

    assert (answer.status_code, codes_of(answer)) == (403, ["proof_required"])


def test_fresh_login_is_enough(ann: Administrator) -> None:
    assert create(api_client(ann)).status_code == 201


def test_proof_is_good_for_five_minutes(old_login: APIClient) -> None:
    assert prove(old_login).status_code == 204
    now = timezone.now()

    with time_machine.travel(now + timedelta(minutes=4, seconds=55)):
        assert create(old_login).status_code == 201
    with time_machine.travel(now + timedelta(minutes=5, seconds=5)):
        assert codes_of(create(old_login, "bob")) == ["proof_required"]


def test_looking_needs_no_proof(old_login: APIClient, old_session: Any) -> None:
    assert old_login.get(NEW).status_code == 200
    assert old_session.get(NEW_PAGE).status_code == 200


def test_what_gives_no_power_needs_no_proof(old_login: APIClient) -> None:
    token = ApiToken.objects.get()

    assert old_login.delete(f"/api/v1/tokens/{token.id}/").status_code == 204


def test_named_token_needs_no_proof(ann: Administrator) -> None:
    client = named_client(ann)

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert create(client).status_code == 201


def test_named_token_cannot_prove_anything(ann: Administrator) -> None:
    answer = prove(named_client(ann))

    assert (answer.status_code, codes_of(answer)) == (403, ["login_required"])


def test_proof_of_one_login_is_none_of_another(ann: Administrator, old_login: APIClient) -> None:
    other = api_client(ann)
    ApiToken.objects.update(proved_at=timezone.now() - timedelta(minutes=6))

    prove(other)

    assert codes_of(create(old_login)) == ["proof_required"]
    assert create(other).status_code == 201


def test_session_proves_by_api_too(old_session: Any) -> None:
    answer = old_session.post(
        "/api/v1/account/proof/", {"password": PASSWORD}, content_type="application/json"
    )

    assert answer.status_code == 204
    assert old_session.post(NEW_PAGE, {"username": "eve", "role": "auditor"}).status_code == 200
    assert people() == {"ann", "eve"}


def test_wrong_password_proves_nothing(old_login: APIClient) -> None:
    answer = prove(old_login, password="wrong")

    assert (answer.status_code, codes_of(answer)) == (400, ["proof_not_accepted"])
    assert codes_of(create(old_login)) == ["proof_required"]


def test_second_factor_is_part_of_the_proof(ann: Administrator) -> None:
    application, _ = enable_totp(ann)
    client = client_with(login(username="ann", otp=application.code()).json()["token"])

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert codes_of(prove(client)) == ["proof_not_accepted"]
        assert codes_of(prove(client, otp="000000")) == ["proof_not_accepted"]
        assert codes_of(create(client)) == ["proof_required"]
        assert prove(client, otp=application.code()).status_code == 204
        assert create(client).status_code == 201


def test_used_code_proves_nothing(ann: Administrator) -> None:
    application, _ = enable_totp(ann)
    code = application.code()
    client = client_with(login(username="ann", otp=code).json()["token"])

    assert codes_of(prove(client, otp=code)) == ["proof_not_accepted"]
    assert Administrator.objects.get(username="ann").wrong_codes == 0


def test_wrong_codes_count_as_those_of_logins(ann: Administrator) -> None:
    application, _ = enable_totp(ann)
    client = client_with(login(username="ann", otp=application.code()).json()["token"])

    for _ in range(10):
        prove(client, otp="000000")

    assert Administrator.objects.get(username="ann").is_blocked
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert login(username="ann", otp=application.code()).status_code == 401


def test_wrong_passwords_count_as_those_of_logins(old_login: APIClient) -> None:
    for _ in range(9):
        prove(old_login, password="wrong")
    last = prove(old_login, password="wrong")

    assert codes_of(last) == ["too_many_attempts"]
    assert login(username="ann").status_code == 429
    assert codes_of(prove(old_login)) == ["too_many_attempts"]


def test_owner_is_told_of_wrong_proofs(old_login: APIClient) -> None:
    prove(old_login, password="wrong")

    assert Administrator.objects.get().failures_since_login == 1
    assert AuditEvent.objects.filter(action="auth.login.failed").count() == 1


def test_auditor_proves_for_their_own_token() -> None:
    client = api_client(make_auditor("otto"))

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post("/api/v1/tokens/", {"name": "x"}, format="json")
        prove(client)
        answer = client.post("/api/v1/tokens/", {"name": "x"}, format="json")

    assert (codes_of(asked), answer.status_code) == (["proof_required"], 201)
