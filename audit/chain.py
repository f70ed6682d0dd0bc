"""Each event's hash covers the event and the hash before it: nobody changes one unseen."""

from hashlib import sha256
from typing import TYPE_CHECKING

from audit.canonical import canonical_json

if TYPE_CHECKING:
    from audit.models import AuditEvent

VERSION = 2
"""Which fields the hash covers: 1 knew neither the term nor how the user was verified."""
GENESIS = "0" * 64
"""What stands before the first event."""


def details_digest(event: "AuditEvent") -> str:
    """SHA-256(salt ‖ details): the chain covers this, so details may expire one day."""
    text = bytes.fromhex(event.details_salt) + canonical_json(event.details).encode()
    return sha256(text).hexdigest()


def event_hash(event: "AuditEvent", *, previous: str) -> str:
    """SHA-256(previous ‖ version ‖ each field behind its length)."""
    digest = sha256(bytes.fromhex(previous) + str(event.version).encode())
    for field in (*_hashed_fields(event), *_fields_of_version_2(event)):
        text = field.encode()
        digest.update(len(text).to_bytes(8, "big") + text)
    return digest.hexdigest()


def _hashed_fields(event: "AuditEvent") -> tuple[str, ...]:
    """In an order that is fixed for ever; a new field makes a new version."""
    return (
        str(event.pk),
        event.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        event.user,
        event.user_kind,
        event.action,
        event.outcome,
        event.target_kind,
        event.target_id,
        event.target_label,
        "" if event.node is None else str(event.node),
        event.source,
        event.user_agent,
        event.interface,
        event.request_id,
        "" if event.operation is None else str(event.operation),
        event.details_digest,
    )


def _fields_of_version_2(event: "AuditEvent") -> tuple[str, ...]:
    return (str(event.term), event.verified) if event.version >= 2 else ()
