"""API tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import TokenLifetimeTooLong
from accounts.models import ApiToken
from accounts.services.tokens import create_token
from audit.actor import Actor
from audit.models import AuditEvent
from tests.accounts.factories import (
    api_client,
    browser,
    client_with,
    codes_of,
    make_administrator,
    make_auditor,
    named_client,
)

pytestmark = pytest.mark.django_db
PATH = "/api/v1/tokens/"


def test_token_is_shown_once_and_lives_for_ninety_days() -> None:
    client = api_client(make_administrator("ann"))

    made = client.post(PATH, {"name": "backup"}, format="json")

    assert made.status_code == 201
    assert client_with(made.json()["token"]).get("/api/v1/account/").status_code == 200
    token = ApiToken.objects.get(name="backup")
    assert timedelta(days=89) < token.expiry - timezone.now() <= timedelta(days=90)
    assert "token" not in client.get(f"{PATH}{token.id}/").json()
    assert made.json()["token"] not in str(list(ApiToken.objects.values()))


@pytest.mark.parametrize(
    ("given", "attr"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "x", "ttl_seconds": 366 * 86400}, "ttl_seconds"),
        ({"name": "x", "ttl_seconds": 0}, "ttl_seconds"),
        ({"name": "x", "allowed_networks": ["x"]}, "allowed_networks"),
    ],
)
def test_bad_value_is_an_error_of_its_field(given: dict[str, Any], attr: str) -> None:
    client = api_client(make_administrator("ann"))

    answer = client.post(PATH, given, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].split(".")[0] == attr


def test_nobody_makes_a_token_for_longer_than_a_year() -> None:
    with pytest.raises(TokenLifetimeTooLong):
        create_token(
            make_administrator("ann"),
            actor=Actor.root(),
            name="x",
            lifetime=timedelta(days=365, seconds=1),
        )


def test_named_token_makes_no_other_token() -> None:
    client = named_client(make_administrator("ann"))

    answer = client.post(PATH, {"name": "heir"}, format="json")

    assert (answer.status_code, codes_of(answer)) == (403, ["login_required"])


def test_revoked_token_is_refused_at_once() -> None:
    ann = make_administrator("ann")
    client, program = api_client(ann), named_client(ann)
    token = ApiToken.objects.get(kind="named")

    assert client.delete(f"{PATH}{token.id}/").status_code == 204

    assert program.get("/api/v1/account/").status_code == 401


def test_others_tokens_are_neither_seen_nor_revoked() -> None:
    named_client(make_administrator("bob"))
    client = api_client(make_administrator("ann"))
    token = ApiToken.objects.get(user__username="bob")

    assert len(client.get(PATH).json()["results"]) == 1
    assert codes_of(client.delete(f"{PATH}{token.id}/")) == ["token_not_found"]
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_auditors_token_reads_only() -> None:
    client = api_client(make_auditor("otto"))
    made = client.post(PATH, {"name": "watch"}, format="json").json()["token"]

    answer = client_with(made).post("/api/v1/administrators/", {"username": "eve"}, format="json")

    assert codes_of(answer) == ["read_only_access"]


def test_making_and_revoking_are_recorded_without_the_token() -> None:
    client = api_client(make_administrator("ann"))
    made = client.post(PATH, {"name": "backup", "read_only": True}, format="json").json()
    client.delete(f"{PATH}{made['id']}/")

    events = AuditEvent.objects.order_by("id")

    assert [event.action for event in events] == ["token.created", "token.revoked"]
    assert events[0].target_label == "backup"
    assert events[0].details["read_only"] is True
    assert made["token"] not in str(list(AuditEvent.objects.values()))


def test_token_is_made_and_revoked_by_page() -> None:
    client = browser(make_administrator("ann"))

    made = client.post(
        "/account/tokens/new/", {"name": "backup", "days": "30", "allowed_networks": "127.0.0.0/8"}
    )

    text = made.context["text"]
    assert client_with(text).get("/api/v1/account/").status_code == 200
    token = ApiToken.objects.get()
    assert token.allowed_networks == ["127.0.0.0/8"]
    client.post(f"/account/tokens/{token.id}/revoke/")
    assert client_with(text).get("/api/v1/account/").status_code == 401


def test_unknown_token_has_no_page() -> None:
    client = browser(make_administrator("ann"))
    unknown = "0b5c64c1-6d2f-4d0b-9d4c-111111111111"

    assert client.get(f"/account/tokens/{unknown}/revoke/").status_code == 404
