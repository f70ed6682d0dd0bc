"""The kinds of destinations, and what each must be told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cluster.backup import fields
from cluster.errors.backup import BackupDestinationInvalid, BackupDestinationKindUnknown

Check = Callable[[str], str]


class Kind(StrEnum):
    LOCAL = "local"
    SFTP = "sftp"
    S3 = "s3"
    WEBDAV = "webdav"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting; a secret one is never shown again."""

    check: Check
    is_required: bool = True
    is_secret: bool = False
    default: str = ""


FIELDS: Mapping[Kind, Mapping[str, Field]] = {
    Kind.LOCAL: {"path": Field(fields.absolute_path)},
    Kind.SFTP: {
        "host": Field(fields.host),
        "port": Field(fields.port, default="22"),
        "user": Field(fields.word),
        "path": Field(fields.path),
        "host_key": Field(fields.host_key, is_required=False),
        "password": Field(fields.password, is_secret=True, is_required=False),
        "private_key": Field(fields.private_key, is_secret=True, is_required=False),
    },
    Kind.S3: {
        "endpoint": Field(fields.url, is_required=False),
        "region": Field(fields.word, is_required=False),
        "bucket": Field(fields.bucket),
        "path": Field(fields.path, is_required=False),
        "access_key_id": Field(fields.word),
        "secret_access_key": Field(fields.password, is_secret=True),
    },
    Kind.WEBDAV: {
        "url": Field(fields.url),
        "path": Field(fields.path, is_required=False),
        "user": Field(fields.word, is_required=False),
        "password": Field(fields.password, is_secret=True, is_required=False),
    },
}
"""In the order in which people are asked."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where backups go; ``secret`` travels sealed, and is stored encrypted."""

    kind: Kind
    settings: Mapping[str, str]
    secret: Mapping[str, str]

    @property
    def place(self) -> str:
        """What people call it: never with a secret."""
        given = self.settings
        match self.kind:
            case Kind.LOCAL:
                return given["path"]
            case Kind.SFTP:
                return f"sftp://{given['user']}@{given['host']}:{given['port']}/{given['path']}"
            case Kind.S3:
                return f"s3://{given['bucket']}/{given.get('path', '')}"
            case Kind.WEBDAV:
                return "/".join(filter(None, (given["url"].rstrip("/"), given.get("path", ""))))


def parse(kind: str, values: Mapping[str, object]) -> Destination:
    """A destination from what was entered; an empty value is none.

    Raises ``BackupDestinationKindUnknown``, and ``BackupDestinationInvalid`` that names the field.
    """
    if kind not in list(Kind):
        raise BackupDestinationKindUnknown(field="kind", kinds=", ".join(Kind))
    wanted = FIELDS[Kind(kind)]
    given = {name: str(value) for name, value in values.items() if value not in (None, "")}
    for name in given:
        if name not in wanted:
            problem = f"A destination of kind {kind} has no such setting."
            raise BackupDestinationInvalid(field=name, problem=problem)
    checked = {name: _check(name, field, given) for name, field in wanted.items()}
    _check_login(Kind(kind), checked)
    secret = {name for name, field in wanted.items() if field.is_secret}
    return Destination(
        Kind(kind),
        {name: value for name, value in checked.items() if value and name not in secret},
        {name: value for name, value in checked.items() if value and name in secret},
    )


def _check(name: str, field: Field, given: Mapping[str, str]) -> str:
    value = given.get(name, field.default)
    if not value and field.is_required:
        raise BackupDestinationInvalid(field=name, problem="This is needed.")
    try:
        return field.check(value) if value else ""
    except ValueError as error:
        raise BackupDestinationInvalid(field=name, problem=error) from None


def _check_login(kind: Kind, checked: Mapping[str, str]) -> None:
    if kind == Kind.SFTP and not (checked["password"] or checked["private_key"]):
        problem = "Give a password or a private key."
        raise BackupDestinationInvalid(field="password", problem=problem)
