"""Whether a browser's answer is right; each challenge is spent by the first answer to it."""

import struct
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from webauthn import base64url_to_bytes, verify_authentication_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers.exceptions import WebAuthnException

from accounts.errors import PasskeyNotAccepted
from accounts.models import Administrator, Passkey, PasskeyChallenge
from accounts.webauthn import challenges
from accounts.webauthn.ceremony import Ceremony
from accounts.webauthn.challenges import Purpose
from accounts.webauthn.console import Console
from config import strict_json

LONGEST = 32_768
"""Characters of an answer."""
LONGEST_ID = 1023
"""Bytes of a credential's id (W3C WebAuthn, 4)."""

NONSENSE = (
    *(WebAuthnException, OTPWebAuthnApiError, ValueError, TypeError, LookupError),
    *(ArithmeticError, AttributeError, RecursionError, struct.error),
)
"""What the libraries raise for bytes that are no answer."""


class Reason(StrEnum):
    """Why an answer was refused, for the audit trail."""

    NONSENSE = "not an answer"
    CHALLENGE = "challenge unknown, used or too old"
    UNKNOWN = "unknown passkey"
    OTHER_PERSON = "another person's passkey"
    OTHER_NAME = "bound to another name"
    INVALID = "wrong signature, origin or name"
    COUNTER = "its counter went back"
    KNOWN = "known already"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page sent for its browser, and where to."""

    text: str
    console: Console

    def parsed(self) -> dict[str, Any]:
        """The JSON object; raises ``PasskeyNotAccepted``."""
        try:
            data = strict_json.loads(self.text.encode()) if len(self.text) <= LONGEST else None
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise PasskeyNotAccepted(reason=Reason.NONSENSE)
        return data


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer to a challenge that waited for it; nobody has looked yet whether it is right."""

    asked: PasskeyChallenge
    data: dict[str, Any]
    origin: str


def claim(administrator: Administrator, *, answer: Answer, purpose: Purpose) -> Claim:
    """Spend the challenge that ``answer`` is about; raises ``PasskeyNotAccepted``.

    Call it in no transaction that a wrong answer would undo.
    """
    data = answer.parsed()
    found = challenges.take(
        administrator, console=answer.console, purpose=purpose, challenge=_challenge_in(data)
    )
    if found is None:
        raise PasskeyNotAccepted(reason=Reason.CHALLENGE)
    return Claim(asked=found, data=data, origin=answer.console.origin)


def accept_new(claimed: Claim, *, name: str) -> Passkey:
    """The new passkey, saved under ``name``; raises ``PasskeyNotAccepted``."""
    asked = claimed.asked
    ceremony = Ceremony(rp_id=asked.rp_id, origin=claimed.origin, name=name)
    state = {"challenge": asked.challenge, "require_user_verification": False}
    try:
        with transaction.atomic():
            made: Passkey = ceremony.register_complete(asked.administrator, state, claimed.data)
            _refuse_too_long(made)
    except IntegrityError:
        raise PasskeyNotAccepted(reason=Reason.KNOWN) from None
    except NONSENSE as wrong:
        raise PasskeyNotAccepted(reason=Reason.INVALID) from wrong
    return made


@transaction.atomic
def accept_proof(claimed: Claim) -> Passkey:
    """The person's passkey that answered; raises ``PasskeyNotAccepted``.

    A counter that does not grow is refused: there may be a copy (W3C WebAuthn, 6.1.1). Many
    authenticators do not count, and always say nought.
    """
    passkey = _passkey_of(claimed)
    verified = _verify(passkey, claimed)
    if passkey.sign_count and verified.new_sign_count <= passkey.sign_count:
        raise PasskeyNotAccepted(reason=Reason.COUNTER, passkey=passkey)
    passkey.sign_count = verified.new_sign_count
    passkey.backup_state = verified.credential_backed_up
    passkey.set_last_used_timestamp(commit=False)
    passkey.save(update_fields=["sign_count", "backup_state", "last_used_at"])
    return passkey


def _challenge_in(data: dict[str, Any]) -> str:
    """What the answer says it answers; whether it was signed is looked at later."""
    try:
        signed = strict_json.loads(base64url_to_bytes(data["response"]["clientDataJSON"]))
        return str(signed["challenge"])
    except NONSENSE as wrong:
        raise PasskeyNotAccepted(reason=Reason.NONSENSE) from wrong


def _passkey_of(claimed: Claim) -> Passkey:
    """Locked, so that of two answers with one count one is right."""
    try:
        digest = sha256(base64url_to_bytes(claimed.data["rawId"])).hexdigest()
    except NONSENSE as wrong:
        raise PasskeyNotAccepted(reason=Reason.NONSENSE) from wrong
    found = Passkey.objects.select_for_update().filter(credential_id_sha256=digest).first()
    if not isinstance(found, Passkey):
        raise PasskeyNotAccepted(reason=Reason.UNKNOWN)
    if found.user_id != claimed.asked.administrator_id:
        raise PasskeyNotAccepted(reason=Reason.OTHER_PERSON)
    if found.rp_id != claimed.asked.rp_id:
        raise PasskeyNotAccepted(reason=Reason.OTHER_NAME)
    return found


def _verify(passkey: Passkey, claimed: Claim) -> VerifiedAuthentication:
    """All but the counter, which must not be told apart from a wrong signature by its text."""
    try:
        return verify_authentication_response(
            credential=claimed.data,
            expected_challenge=base64url_to_bytes(claimed.asked.challenge),
            expected_rp_id=claimed.asked.rp_id,
            expected_origin=[claimed.origin],
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=False,
        )
    except NONSENSE as wrong:
        raise PasskeyNotAccepted(reason=Reason.INVALID) from wrong


def _refuse_too_long(made: Passkey) -> None:
    if len(made.credential_id) > LONGEST_ID:
        raise PasskeyNotAccepted(reason=Reason.INVALID)
