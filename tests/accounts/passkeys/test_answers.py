"""What is no answer of a passkey, at both doors: refused, never a crash."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Administrator, Passkey
from tests.accounts.passkeys.software_passkey import SoftwarePasskey, encode
from tests.accounts.passkeys.steps import NEW, asked_on, begin_login, logged_in, submit_passkey
from tests.accounts.passkeys.steps import visitor as open_browser

pytestmark = pytest.mark.django_db


def about(client_data: bytes) -> str:
    return json.dumps({"response": {"clientDataJSON": encode(client_data)}})


NONSENSE = [
    *("", "{}", "null", "[]", "{", '"text"', "0", "x" * 40_000, "[" * 30_000),
    '{"response": {}}',
    '{"response": {"clientDataJSON": 7}}',
    '{"response": {"clientDataJSON": "é"}}',
    about(b"[]"),
    about(b"[" * 20_000),
    about(b'{"challenge": "\\ud800"}'),
    about(b'{"challenge": ["a"]}'),
    '{"rawId": "\\u0000"}',
]
VALUES = ["", "AA", "é", 7, None, [], "A" * 400]


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_does_not_log_in(passkey: SoftwarePasskey, text: str) -> None:
    client = open_browser()
    begin_login(client)

    assert submit_passkey(client, text).status_code == 200
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_no_new_passkey(ann: Administrator, text: str) -> None:
    client = logged_in(ann)

    assert client.post(NEW, {"name": "Key", "passkey": text}).status_code == 200
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "clientDataJSON", "rawId"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_broken_proof_does_not_log_in(passkey: SoftwarePasskey, part: str, value: object) -> None:
    client = open_browser()
    [asked] = begin_login(client)

    answer = submit_passkey(client, broken(passkey.get(asked), part=part, value=value))

    assert answer.status_code == 200
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON", "transports", "id"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_broken_key_is_added_or_refused(ann: Administrator, part: str, value: object) -> None:
    """What devices it can be reached by is a hint, and may be anything."""
    client = logged_in(ann)
    [asked] = asked_on(client.get(NEW))
    text = broken(SoftwarePasskey().create(asked), part=part, value=value)

    answer = client.post(NEW, {"name": "Key", "passkey": text})

    assert answer.status_code == 200
    assert Passkey.objects.exists() == ("codes" in answer.context)
    assert part == "transports" or not Passkey.objects.exists()


def broken(answer: str, *, part: str, value: object) -> str:
    """``answer`` with one part of it replaced."""
    said = json.loads(answer)
    (said if part in said else said["response"])[part] = value
    return json.dumps(said)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:36],
        lambda data: data[:60],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:53] + b"\xff\xff" + data[55:],
        lambda data: data[:32] + b"\0" + data[33:],
        lambda data: data[:32] + b"\xff" + data[33:],
    ],
    ids=["no key", "half a key", "cut", "more", "endless name", "nobody there", "all flags"],
)
def test_spoilt_authenticator_data_is_no_new_passkey(
    ann: Administrator, spoil: Callable[[bytes], bytes]
) -> None:
    client: Client = logged_in(ann)
    [asked] = asked_on(client.get(NEW))
    passkey: Any = SoftwarePasskey(spoil=spoil)

    answer = client.post(NEW, {"name": "Key", "passkey": passkey.create(asked)})

    assert answer.status_code == 200
    assert not Passkey.objects.exists()
