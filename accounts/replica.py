"""What the sealed part of the cluster's state holds of accounts, and how it comes back.

Secrets leave in the clear, because the caller seals the whole; they are encrypted again by the key
of the node that restores them. Sessions never travel.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from accounts.models import Administrator, ApiToken, Authenticator, RecoveryCode, Session
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
TOKEN_FIELDS = ("digest", "token_key", "kind", "name", "read_only", "allowed_networks")

_listeners: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Call ``listener`` in the transaction of every change of what ``export`` returns."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed() -> None:
    """Say, inside the transaction, that replicated data has changed."""
    for listener in _listeners:
        listener()


def export() -> dict[str, Any]:
    """All accounts with their factors and tokens, as JSON-ready data."""
    people = Administrator.objects.prefetch_related(
        "authenticator__recovery_codes", Prefetch("auth_token_set", _named_tokens())
    )
    return {"administrators": [_export(person) for person in people]}


@transaction.atomic
def restore(data: dict[str, Any]) -> None:
    """Replace every account by those of ``data``; all sessions end."""
    Session.objects.all().delete()
    Administrator.objects.all().delete()
    for person in data["administrators"]:
        _restore(person)


def _named_tokens() -> QuerySet[ApiToken]:
    """A token of a login is as good as a session, and sessions stay."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(kind=ApiToken.Kind.NAMED)
    return tokens


def _export(person: Administrator) -> dict[str, Any]:
    authenticator = getattr(person, "authenticator", None)
    return {
        **{name: getattr(person, name) for name in ADMINISTRATOR_FIELDS},
        "created_at": person.created_at.isoformat(),
        "authenticator": _export_authenticator(authenticator),
        "tokens": [_export_token(token) for token in person.auth_token_set.all()],
    }


def _export_authenticator(authenticator: Authenticator | None) -> dict[str, Any] | None:
    if authenticator is None or not authenticator.confirmed:
        return None
    return {
        "key": decrypt(authenticator.encrypted_key),
        "last_step": authenticator.last_step,
        "recovery_codes": [code.digest for code in authenticator.recovery_codes.all()],
    }


def _export_token(token: ApiToken) -> dict[str, Any]:
    return {
        **{name: getattr(token, name) for name in TOKEN_FIELDS},
        "id": str(token.id),
        "created": token.created.isoformat(),
        "expiry": token.expiry.isoformat(),
    }


def _restore(data: dict[str, Any]) -> None:
    person = Administrator.objects.create(
        **{name: data[name] for name in ADMINISTRATOR_FIELDS},
        created_at=datetime.fromisoformat(data["created_at"]),
    )
    if data["authenticator"]:
        _restore_authenticator(person, data["authenticator"])
    for token in data["tokens"]:
        _restore_token(person, token)


def _restore_authenticator(person: Administrator, data: dict[str, Any]) -> None:
    authenticator = Authenticator.objects.create(
        user=person,
        name="default",
        confirmed=True,
        encrypted_key=encrypt(data["key"]),
        last_step=data["last_step"],
    )
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=authenticator, digest=digest)
        for digest in data["recovery_codes"]
    )


def _restore_token(person: Administrator, data: dict[str, Any]) -> None:
    values = {name: data[name] for name in TOKEN_FIELDS}
    token = ApiToken(
        user=person, id=data["id"], expiry=datetime.fromisoformat(data["expiry"]), **values
    )
    token.save(force_insert=True)
    ApiToken.objects.filter(pk=token.pk).update(created=datetime.fromisoformat(data["created"]))
