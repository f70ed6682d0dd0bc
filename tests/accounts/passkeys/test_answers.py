"""What is no answer of a passkey: refused, never a crash."""

import json
from collections.abc import Callable

import pytest

from accounts.errors import PasskeyNotAccepted
from accounts.models import Administrator, Passkey
from accounts.webauthn.answers import Answer, accept_new, accept_proof, claim
from accounts.webauthn.ceremony import ask_for_new, ask_for_proof
from accounts.webauthn.challenges import Purpose
from accounts.webauthn.console import Console
from tests.accounts.passkeys.software_passkey import HOST, ORIGIN, SoftwarePasskey, encode
from tests.accounts.passkeys.steps import NEW, begin_login, logged_in, submit_passkey, visitor

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


@pytest.fixture
def console() -> Console:
    return Console(host=HOST, origin=ORIGIN, session={})


def add(ann: Administrator, console: Console, text: str) -> Passkey:
    """What becomes of an answer to a question for a new passkey."""
    return accept_new(claim(ann, answer=Answer(text, console), purpose=Purpose.ADD), name="Key")


def ask(ann: Administrator, console: Console, passkey: SoftwarePasskey) -> str:
    """What a good authenticator says to such a question."""
    return passkey.create(json.loads(ask_for_new(ann, console=console).options))


def broken(answer: str, *, part: str, value: object) -> str:
    """``answer`` with one part of it replaced."""
    said = json.loads(answer)
    (said if part in said else said["response"])[part] = value
    return json.dumps(said)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused(
    ann: Administrator, console: Console, text: str, purpose: Purpose
) -> None:
    with pytest.raises(PasskeyNotAccepted):
        claim(ann, answer=Answer(text, console), purpose=purpose)


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "clientDataJSON", "rawId"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_broken_proof_is_refused(
    ann: Administrator, console: Console, part: str, value: object
) -> None:
    passkey = SoftwarePasskey()
    add(ann, console, ask(ann, console, passkey))
    [question] = ask_for_proof(ann, console=console)
    text = broken(passkey.get(json.loads(question.options)), part=part, value=value)

    with pytest.raises(PasskeyNotAccepted):
        accept_proof(claim(ann, answer=Answer(text, console), purpose=Purpose.PROVE))


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON", "id", "rawId", "type"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_broken_key_is_refused(
    ann: Administrator, console: Console, part: str, value: object
) -> None:
    text = broken(ask(ann, console, SoftwarePasskey()), part=part, value=value)

    with pytest.raises(PasskeyNotAccepted):
        add(ann, console, text)

    assert not Passkey.objects.exists()


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
def test_spoilt_authenticator_data_is_refused(
    ann: Administrator, console: Console, spoil: Callable[[bytes], bytes]
) -> None:
    text = ask(ann, console, SoftwarePasskey(spoil=spoil))

    with pytest.raises(PasskeyNotAccepted):
        add(ann, console, text)


def test_name_that_is_too_long_is_refused(ann: Administrator, console: Console) -> None:
    """W3C WebAuthn, 4: a credential's id has 1023 bytes at most."""
    text = ask(ann, console, SoftwarePasskey(credential_id=b"x" * 1024))

    with pytest.raises(PasskeyNotAccepted):
        add(ann, console, text)

    assert not Passkey.objects.exists()


def test_pages_show_the_form_again(passkey: SoftwarePasskey, ann: Administrator) -> None:
    client = visitor()
    begin_login(client)

    assert submit_passkey(client, NONSENSE[8]).status_code == 200
    assert client.get("/account/").status_code == 302
    Passkey.objects.all().delete()
    assert logged_in(ann).post(NEW, {"name": "Key", "passkey": "{}"}).status_code == 200
