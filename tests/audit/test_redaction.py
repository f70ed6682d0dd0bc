"""No secret enters the trail."""

from typing import Any

import pytest

from audit.models import AuditEvent
from audit.redaction import redact
from tests.audit.factories import make_event, person

CANARY = "tweet-tweet-tweet"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "passwd",
        "client_secret",
        "access_token",
        "credentials",
        "totp",
        "otp",
        "Authorization",
        "cookie",
        "private_key",
        "PrivateKey",
    ],
)
@pytest.mark.parametrize("value", [CANARY, [CANARY], {"x": CANARY}, 123456])
def test_what_is_named_like_a_secret_is_left_out(name: str, value: Any) -> None:
    assert redact({"outer": {name: value}}) == {"outer": {name: "[redacted]"}}


@pytest.mark.parametrize(
    "text",
    [
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}",
        "eyJhbGciOiJFZDI1NTE5In0.eyJ0d2VldCI6InR3ZWV0In0.c2lnbmF0dXJl",
        f"https://user:{CANARY}@example.org/",
        f"Bearer {CANARY}",
        "FLT1.eyJ2IjoxLCJ0d2VldCI6MX0",
        "flt_0123456789abcdef",
        "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str) -> None:
    left = redact({"note": [f"before {text} after"]})["note"][0]

    assert "[redacted]" in left
    assert CANARY not in left
    assert "tweet" not in left
    assert "0123456789" not in left


@pytest.mark.parametrize(
    "details",
    [
        {"two_factor": True, "totp": False, "otp": None},
        {"key": "ssh-ed25519 AAAA", "monkey": 1},
        {"label": "a: b @ c", "url": "https://node1.example.org:8443/"},
        {"ratio": 0.5, "count": 3, "none": None, "empty": {}},
    ],
)
def test_what_is_no_secret_stays(details: dict[str, Any]) -> None:
    assert redact(details) == details


@pytest.mark.django_db
def test_secret_typed_as_a_user_name_is_left_out() -> None:
    make_event(actor=person("flt_0123456789", user_agent="Bearer 0123456789"))

    assert "0123456789" not in str(list(AuditEvent.objects.values()))


@pytest.mark.django_db
def test_secrets_are_in_no_column() -> None:
    make_event(details={"password": CANARY, "nested": [{"secret": CANARY}]})

    assert CANARY not in str(list(AuditEvent.objects.values()))
