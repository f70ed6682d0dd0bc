"""What the sealed part of the cluster's state holds of passkeys: public keys, no secret."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django_otp_webauthn.models import WebAuthnUserHandle

from accounts.models import Administrator, Passkey

PLAIN_FIELDS = (
    *("name", "rp_id", "sign_count", "transports"),
    *("backup_eligible", "backup_state", "aaguid", "discoverable"),
)
BINARY_FIELDS = ("credential_id", "public_key")
TIME_FIELDS = ("created_at", "last_used_at")

Pairs = Iterable[tuple[Administrator, dict[str, Any]]]


def export(person: Administrator) -> dict[str, Any]:
    """A person's passkeys, and the handle by which authenticators know whose they are."""
    handle = getattr(person, "webauthn_user_handle", None)
    return {
        "passkeys": [_export(passkey) for passkey in person.passkeys.all()],
        "passkey_handle": handle.handle_hex if handle else None,
    }


def restore(pairs: Pairs) -> None:
    """Those of every person in ``pairs``; a leader of before there were passkeys has none."""
    described = [(person, data.get("passkeys") or [], data) for person, data in pairs]
    WebAuthnUserHandle.objects.bulk_create(
        WebAuthnUserHandle(user=person, handle_hex=data["passkey_handle"])
        for person, _, data in described
        if data.get("passkey_handle")
    )
    _restore((person, passkey) for person, passkeys, _ in described for passkey in passkeys)


def _restore(pairs: Pairs) -> None:
    """With the times that they were made: inserting a row gives it the present one."""
    described = list(pairs)
    rows = Passkey.objects.bulk_create(_passkey(person, data) for person, data in described)
    for row, (_, data) in zip(rows, described, strict=True):
        row.created_at = _time(data["created_at"])
    Passkey.objects.bulk_update(rows, ["created_at"], batch_size=200)


def _export(passkey: Passkey) -> dict[str, Any]:
    times = {name: getattr(passkey, name) for name in TIME_FIELDS}
    return {
        **{name: getattr(passkey, name) for name in PLAIN_FIELDS},
        **{name: b64encode(getattr(passkey, name)).decode() for name in BINARY_FIELDS},
        **{name: time.isoformat() if time else None for name, time in times.items()},
    }


def _passkey(person: Administrator, data: dict[str, Any]) -> Passkey:
    binary = {name: b64decode(data[name]) for name in BINARY_FIELDS}
    return Passkey(
        user=person,
        confirmed=True,
        credential_id_sha256=sha256(binary["credential_id"]).hexdigest(),
        last_used_at=_time(data["last_used_at"]),
        **{name: data[name] for name in PLAIN_FIELDS},
        **binary,
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
