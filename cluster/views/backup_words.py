"""The console's words for kinds of destinations and their settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.backup.destinations import Kind


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a kind is called, and when one would choose it."""

    value: str
    name: str
    hint: str


KINDS: Mapping[Kind, KindWords] = {
    Kind.LOCAL: KindWords(
        "local",
        "Directory",
        "A directory of the leader: a second disk, or a share that is mounted.",
    ),
    Kind.SFTP: KindWords("sftp", "SFTP", "Any machine with an SSH server."),
    Kind.S3: KindWords("s3", "S3", "Amazon S3, or anything that speaks its language."),
    Kind.WEBDAV: KindWords("webdav", "WebDAV", "A Nextcloud, or another WebDAV server."),
}

LABELS: Mapping[str, tuple[str, str]] = {
    "access_key_id": ("Access key", ""),
    "bucket": ("Bucket", "It must exist."),
    "endpoint": ("Endpoint", "Begins with https://. Leave it empty for Amazon."),
    "host": ("Host", "Name or address of the other machine."),
    "host_key": (
        "Host key",
        "As ssh-keyscan prints it, without the name in front: ssh-ed25519 AAAA… "
        "Without one, whoever answers there is believed.",
    ),
    "password": ("Password", "It is kept encrypted, and never shown again."),
    "path": ("Directory", "It must exist, and be used for nothing else if possible."),
    "port": ("Port", ""),
    "private_key": (
        "Private key",
        "Instead of a password: as ssh-keygen writes it, without a passphrase.",
    ),
    "region": ("Region", ""),
    "secret_access_key": ("Secret key", "It is kept encrypted, and never shown again."),
    "url": ("Address", "Begins with https://"),
    "user": ("User", ""),
}
"""Label and hint of each setting."""


def describe_delivery(delivery: Mapping[str, Any]) -> dict[str, Any]:
    """How the last backup went at one destination."""
    problem = str(delivery.get("problem", ""))
    return {"place": delivery.get("place", ""), "problem": problem, "arrived": not problem}
