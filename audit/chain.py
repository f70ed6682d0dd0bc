"""Each event's hash covers the event and the hash before it: nobody changes one unseen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from audit.canonical import canonical_json

if TYPE_CHECKING:
    from audit.models import AuditEvent

VERSION = 2
"""Which fields the hash covers: 1 knew neither the term nor how the user was verified."""
GENESIS = "0" * 64
"""What stands before the first event."""
_FIRST = (
    *("id", "time", "user", "user_kind", "action", "outcome"),
    *("target_kind", "target_id", "target_label", "node", "source", "user_agent"),
    *("interface", "request_id", "operation", "details_digest"),
)
HASHED = {1: _FIRST, 2: (*_FIRST, "term", "verified")}
"""By version, in an order that is fixed for ever; a new field makes a new version."""


def details_digest(event: "AuditEvent") -> str:
    """Of the event's details."""
    return digest(canonical_json(event.details), salt=event.details_salt)


def digest(details: str, *, salt: str) -> str:
    """SHA-256(salt ‖ details): the chain covers this, so details may expire one day."""
    return sha256(bytes.fromhex(salt) + details.encode()).hexdigest()


def event_hash(event: "AuditEvent", *, previous: str) -> str:
    """Of the event, after the one whose hash is ``previous``."""
    names = HASHED[event.version]
    return link([getattr(event, name) for name in names], version=event.version, previous=previous)


def link(values: Sequence[object], *, version: int, previous: str) -> str:
    """SHA-256(previous ‖ version ‖ each field behind its length)."""
    parts = [bytes.fromhex(previous), str(version).encode()]
    for value in values:
        text = (value if type(value) is str else as_text(value)).encode()
        parts += (len(text).to_bytes(8, "big"), text)
    return sha256(b"".join(parts)).hexdigest()


def as_text(value: object) -> str:
    """One way to write each kind of value."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"
        case _:
            return str(value)
