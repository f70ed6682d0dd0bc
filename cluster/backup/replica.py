"""What every leader knows of backup, and how it comes back; never the password (S27)."""

import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from cluster.models import BackupDestination, BackupPassword, BackupSettings, FollowUp
from config.encryption import decrypt, encrypt

Json = Mapping[str, Any]
PLAIN_FIELDS = ("keep_last", "keep_days", "with_audit")
MOMENTS = ("password_set_at", "last_good_at", "served_at")
PASSWORD_PAGE = "/settings/backup/password/"  # noqa: S105 - where it is set
AGAIN = (
    "The backup password does not travel with the leadership. Set it again; until then the "
    "scheduled backups fail."
)


def export() -> dict[str, Any]:
    """Secrets of destinations leave in the clear, because the caller seals the whole."""
    return {
        "settings": _export_settings(BackupSettings.objects.filter(pk=1).first()),
        "destinations": [_export_destination(each) for each in BackupDestination.objects.all()],
    }


def restore(data: Json) -> None:
    """Replace what this node knew, and forget its password; a leader of an earlier release says
    nothing of it. Where there was a password, it is asked for again.
    """
    for model in (BackupPassword, BackupDestination, BackupSettings):
        model._default_manager.all().delete()
    BackupDestination.objects.bulk_create(map(_destination, data.get("destinations", ())))
    settings = data.get("settings")
    if settings:
        made = BackupSettings.objects.create(**_values(settings))
        if made.is_set_up:
            _demand_password()


def _demand_password() -> None:
    """In the rows that are being restored; the state that follows has it in it."""
    FollowUp.objects.open().get_or_create(
        kind=FollowUp.Kind.BACKUP_PASSWORD,
        subject="",
        settled_at=None,
        defaults={"detail": AGAIN, "link": PASSWORD_PAGE},
    )


def _export_settings(settings: BackupSettings | None) -> dict[str, Any] | None:
    if settings is None:
        return None
    return {
        **{name: getattr(settings, name) for name in PLAIN_FIELDS},
        "daily_at": settings.daily_at and settings.daily_at.isoformat(),
        **{name: _text(getattr(settings, name)) for name in MOMENTS},
    }


def _values(data: Json) -> dict[str, Any]:
    return {
        **{name: data[name] for name in PLAIN_FIELDS},
        "daily_at": data["daily_at"] and time.fromisoformat(data["daily_at"]),
        **{name: _moment(data[name]) for name in MOMENTS},
    }


def _export_destination(destination: BackupDestination) -> dict[str, Any]:
    return {
        "id": str(destination.pk),
        "kind": destination.kind,
        "settings": destination.settings,
        "secret": open_secret(destination),
        "created_at": destination.created_at.isoformat(),
    }


def _destination(data: Json) -> BackupDestination:
    return BackupDestination(
        id=UUID(data["id"]),
        kind=data["kind"],
        settings=data["settings"],
        secret=close_secret(data["secret"]),
        created_at=datetime.fromisoformat(data["created_at"]),
    )


def open_secret(destination: BackupDestination) -> dict[str, str]:
    """What this node's key decrypts."""
    opened: dict[str, str] = json.loads(decrypt(destination.secret)) if destination.secret else {}
    return opened


def close_secret(secret: Mapping[str, str]) -> str:
    """As it is stored."""
    return encrypt(json.dumps(dict(secret))) if secret else ""


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
