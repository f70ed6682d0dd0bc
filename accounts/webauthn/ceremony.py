"""What a browser is asked for: django-otp-webauthn's questions, for one name of the console.

User verification (a PIN, a finger) is *preferred*, not required: the password was given before, so
that the passkey only has to be there. Attestation is *none*: any maker's authenticator will do.
"""

import json
from dataclasses import dataclass
from typing import Any

from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import as_credential_descriptors
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from accounts.models import Administrator, Passkey
from accounts.webauthn import challenges
from accounts.webauthn.challenges import Purpose
from accounts.webauthn.console import Console


class Ceremony(WebAuthnHelper):  # type: ignore[misc]  # untyped base
    """One registration or one proof, under one name; ``name`` is what a new passkey is called."""

    def __init__(self, *, rp_id: str, origin: str, name: str = "") -> None:
        super().__init__(request=None)
        self.rp_id, self.origin, self.name = rp_id, origin, name

    def get_relying_party_domain(self) -> str:
        return self.rp_id

    def get_allowed_origins(self) -> list[str]:
        return [self.origin]

    def get_generate_registration_options_kwargs(self, *, user: Administrator) -> dict[str, Any]:
        options: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        return options | {"exclude_credentials": self._known(user)}

    def get_generate_authentication_options_kwargs(self, **asked: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_generate_authentication_options_kwargs(**asked)
        return options | {
            "allow_credentials": self._known(asked["user"]),
            "user_verification": UserVerificationRequirement.PREFERRED,
        }

    def create_credential(self, *given: Any, **named: Any) -> Passkey:
        passkey: Passkey = super().create_credential(*given, **named)
        passkey.name, passkey.rp_id = self.name, self.rp_id
        return passkey

    def create_attestation(self, *_: Any) -> None:
        """Nobody asks who made it, so that nothing is kept of that."""

    def _known(self, user: Administrator) -> list[PublicKeyCredentialDescriptor]:
        """Those of this name: a browser could make nothing of others."""
        known = Passkey.objects.filter(user=user, rp_id=self.rp_id)
        descriptors: list[PublicKeyCredentialDescriptor] = as_credential_descriptors(known)
        return descriptors


@dataclass(frozen=True, slots=True)
class Question:
    """What a page hands to its browser, as JSON, for the passkeys of one name."""

    rp_id: str
    options: str


def ask_for_new(administrator: Administrator, *, console: Console) -> Question:
    """For a new passkey."""
    rp_id = console.rp_id
    options, _ = Ceremony(rp_id=rp_id, origin=console.origin).register_begin(administrator)
    return _kept(options, administrator, console=console, purpose=Purpose.ADD, rp_id=rp_id)


def ask_for_proof(administrator: Administrator, *, console: Console) -> list[Question]:
    """For one of the person's passkeys that work here: a question for each name in use."""
    if console.problem is not None:
        return []
    bound_to = Passkey.objects.filter(user=administrator).order_by()
    usable = filter(console.takes, set(bound_to.values_list("rp_id", flat=True)))
    return [_ask(administrator, console=console, rp_id=rp_id) for rp_id in sorted(usable)]


def _ask(administrator: Administrator, *, console: Console, rp_id: str) -> Question:
    ceremony = Ceremony(rp_id=rp_id, origin=console.origin)
    options, _ = ceremony.authenticate_begin(user=administrator)
    return _kept(options, administrator, console=console, purpose=Purpose.PROVE, rp_id=rp_id)


def _kept(
    options: dict[str, Any],
    administrator: Administrator,
    *,
    console: Console,
    purpose: Purpose,
    rp_id: str,
) -> Question:
    challenges.keep(
        administrator,
        console=console,
        purpose=purpose,
        rp_id=rp_id,
        challenge=options["challenge"],
    )
    return Question(rp_id=rp_id, options=json.dumps(options))
