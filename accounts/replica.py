"""What the sealed part of the cluster's state holds of accounts, and how it comes back.

Secrets leave in the clear, because the caller seals the whole; they are encrypted again by the key
of the node that restores them. Sessions never travel.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from accounts import passkey_replica
from accounts.models import (
    AccessPolicy,
    Administrator,
    ApiToken,
    Authenticator,
    RecoveryCode,
    Session,
)
from config.announcing import Announcement
from config.encryption import decrypt, encrypt

ADMINISTRATOR_FIELDS = (
    "username",
    "password",
    "full_name",
    "email",
    "role",
    "is_active",
    "must_change_password",
    "allowed_networks",
)
POLICY_FIELDS = ("second_factor_required", "passkey_domain")
TOKEN_FIELDS = ("digest", "token_key", "kind", "name", "read_only", "allowed_networks")

changed = Announcement()
"""Say, inside the transaction, that what ``export`` returns has changed."""


def export() -> dict[str, Any]:
    """All accounts with their factors and tokens, as JSON-ready data."""
    people = Administrator.objects.prefetch_related(
        "authenticator",
        "recovery_codes",
        "passkeys",
        "webauthn_user_handle",
        Prefetch("auth_token_set", _named_tokens()),
    )
    policy = AccessPolicy.objects.first() or AccessPolicy()
    return {
        "administrators": [_export(person) for person in people],
        "policy": {name: getattr(policy, name) for name in POLICY_FIELDS},
    }


@transaction.atomic
def restore(data: dict[str, Any]) -> None:
    """Replace every account by those of ``data``; all sessions end."""
    Session.objects.all().delete()
    Administrator.objects.all().delete()
    AccessPolicy.objects.update_or_create(pk=1, defaults=_policy(data))
    people = data["administrators"]
    rows = Administrator.objects.bulk_create(_administrator(person) for person in people)
    pairs = list(zip(rows, people, strict=True))
    _restore_authenticators((row, person) for row, person in pairs if person["authenticator"])
    _restore_recovery_codes(pairs)
    passkey_replica.restore(pairs)
    _restore_tokens((row, token) for row, person in pairs for token in person["tokens"])


def _named_tokens() -> QuerySet[ApiToken]:
    """A token of a login is as good as a session, and sessions stay."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(kind=ApiToken.Kind.NAMED)
    return tokens


def _policy(data: dict[str, Any]) -> dict[str, Any]:
    """A leader of before there was a rule says nothing of it."""
    said = data.get("policy", {})
    unasked = AccessPolicy()
    return {name: said.get(name, getattr(unasked, name)) for name in POLICY_FIELDS}


def _export(person: Administrator) -> dict[str, Any]:
    authenticator = getattr(person, "authenticator", None)
    return {
        **{name: getattr(person, name) for name in ADMINISTRATOR_FIELDS},
        "language": person.language,
        "created_at": person.created_at.isoformat(),
        "authenticator": _export_authenticator(authenticator),
        "recovery_codes": [code.digest for code in person.recovery_codes.all()],
        **passkey_replica.export(person),
        "tokens": [_export_token(token) for token in person.auth_token_set.all()],
    }


def _export_authenticator(authenticator: Authenticator | None) -> dict[str, Any] | None:
    if authenticator is None or not authenticator.confirmed:
        return None
    return {
        "key": decrypt(authenticator.encrypted_key),
        "last_step": authenticator.last_step,
    }


def _export_token(token: ApiToken) -> dict[str, Any]:
    return {
        **{name: getattr(token, name) for name in TOKEN_FIELDS},
        "id": str(token.id),
        "created": token.created.isoformat(),
        "expiry": token.expiry.isoformat(),
    }


def _administrator(data: dict[str, Any]) -> Administrator:
    """A leader of before there were languages says nothing of them."""
    return Administrator(
        **{name: data[name] for name in ADMINISTRATOR_FIELDS},
        language=data.get("language", ""),
        created_at=datetime.fromisoformat(data["created_at"]),
    )


def _restore_authenticators(pairs: Iterable[tuple[Administrator, dict[str, Any]]]) -> None:
    described = [(person, data["authenticator"]) for person, data in pairs]
    Authenticator.objects.bulk_create(
        Authenticator(
            user=person,
            name="default",
            confirmed=True,
            encrypted_key=encrypt(data["key"]),
            last_step=data["last_step"],
        )
        for person, data in described
    )


def _restore_recovery_codes(pairs: Iterable[tuple[Administrator, dict[str, Any]]]) -> None:
    """A leader of before there were passkeys keeps them with the authenticator."""
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=person, digest=digest)
        for person, data in pairs
        for digest in (data.get("recovery_codes") or _codes_of_before(data))
    )


def _codes_of_before(data: dict[str, Any]) -> list[str]:
    digests: list[str] = (data["authenticator"] or {}).get("recovery_codes", [])
    return digests


def _restore_tokens(pairs: Iterable[tuple[Administrator, dict[str, Any]]]) -> None:
    """With the times that they were made: inserting a row gives it the present one."""
    described = list(pairs)
    rows = ApiToken.objects.bulk_create(_token(person, data) for person, data in described)
    for row, (_, data) in zip(rows, described, strict=True):
        row.created = datetime.fromisoformat(data["created"])
    ApiToken.objects.bulk_update(rows, ["created"], batch_size=200)


def _token(person: Administrator, data: dict[str, Any]) -> ApiToken:
    values = {name: data[name] for name in TOKEN_FIELDS}
    return ApiToken(
        user=person, id=data["id"], expiry=datetime.fromisoformat(data["expiry"]), **values
    )
