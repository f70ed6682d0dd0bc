"""The console's words for kinds of destinations and their settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from cluster.backup.destinations import Kind


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a kind is called, and when one would choose it."""

    value: str
    called: str
    used: str

    @property
    def name(self) -> str:
        return gettext(self.called)

    @property
    def hint(self) -> str:
        return gettext(self.used)


KINDS: Mapping[Kind, KindWords] = {
    Kind.LOCAL: KindWords(
        "local",
        gettext_noop("Directory"),
        gettext_noop("A directory of the leader: a second disk, or a share that is mounted."),
    ),
    Kind.SFTP: KindWords("sftp", "SFTP", gettext_noop("Any machine with an SSH server.")),
    Kind.S3: KindWords(
        "s3", "S3", gettext_noop("Amazon S3, or anything that speaks its language.")
    ),
    Kind.WEBDAV: KindWords(
        "webdav", "WebDAV", gettext_noop("A Nextcloud, or another WebDAV server.")
    ),
}

LABELS: Mapping[str, tuple[str, str]] = {
    "access_key_id": (gettext_noop("Access key"), ""),
    "bucket": (gettext_noop("Bucket"), gettext_noop("It must exist.")),
    "endpoint": (
        gettext_noop("Endpoint"),
        gettext_noop("Begins with https://. Leave it empty for Amazon."),
    ),
    "host": (gettext_noop("Host"), gettext_noop("Name or address of the other machine.")),
    "host_key": (
        gettext_noop("Host key"),
        gettext_noop(
            "As ssh-keyscan prints it, without the name in front: ssh-ed25519 AAAA… "
            "Without one, whoever answers there is believed."
        ),
    ),
    "password": (
        gettext_noop("Password"),
        gettext_noop("It is kept encrypted, and never shown again."),
    ),
    "path": (
        gettext_noop("Directory"),
        gettext_noop("It must exist, and be used for nothing else if possible."),
    ),
    "port": (gettext_noop("Port"), ""),
    "private_key": (
        gettext_noop("Private key"),
        gettext_noop("Instead of a password: as ssh-keygen writes it, without a passphrase."),
    ),
    "region": (gettext_noop("Region"), ""),
    "secret_access_key": (
        gettext_noop("Secret key"),
        gettext_noop("It is kept encrypted, and never shown again."),
    ),
    "url": (gettext_noop("Address"), gettext_noop("Begins with https://")),
    "user": (gettext_noop("User"), ""),
}
"""Label and hint of each setting."""


def describe_delivery(delivery: Mapping[str, Any]) -> dict[str, Any]:
    """How the last backup went at one destination."""
    problem = str(delivery.get("problem", ""))
    return {"place": delivery.get("place", ""), "problem": problem, "arrived": not problem}
