"""An event as a syslog message (RFC 5424), and the frame around it (RFC 6587, RFC 5425)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from django.conf import settings

from audit.canonical import canonical_json
from audit.models import AuditEvent, Checkpoint, Outcome

LARGEST = 8000
"""Bytes of a message: common receivers cut at 8 KiB."""
LOG_AUDIT = 13
"""The facility (RFC 5424 6.2.1)."""
SEVERITIES = {Outcome.OK: 6, Outcome.DENIED: 4, Outcome.FAILED: 3}
"""Informational, warning, error."""
NAME = "flotilla@32473"
"""Of the structured data; the number is the one for documentation (RFC 5612)."""
BOM = "\ufeff"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What could end a line, or begin another, in a file or on a screen."""
NOT_PRINTABLE = re.compile("[^!-~]")


def format_event(event: AuditEvent) -> bytes:
    """One message; details that do not fit are cut, and the message says so."""
    values = _values(event)
    details = canonical_json(event.details) if event.details else ""
    end = f" {BOM}{_sentence(event)}"
    whole = _head(event) + _elements({**values, "details": details}) + end
    if len(whole.encode()) <= LARGEST:
        return whole.encode()
    frame = _head(event) + _elements({**values, "details_cut": "true", "details": "-"}) + end
    cut = _cut(details, room=LARGEST - len(frame.encode()))
    shortened = _elements({**values, "details_cut": "true", "details": cut})
    return (_head(event) + shortened + end).encode()


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """What the trail's end was, signed: a witness of what follows it in the log."""
    values = {
        "checkpoint": checkpoint.count,
        "trail": checkpoint.trail,
        "term": checkpoint.term,
        "hash": checkpoint.hash,
        "jws": checkpoint.jws,
    }
    head = _header(SEVERITIES[Outcome.OK], checkpoint.time, "audit.checkpoint")
    return f"{head}{_elements(values)} {BOM}The audit trail has {checkpoint.count} events".encode()


def format_test(*, user: str, at: datetime) -> bytes:
    """What an administrator sends to see whether it arrives."""
    data = _elements({"test": "true", "user": user})
    text = f"{_header(SEVERITIES[Outcome.OK], at, 'test')}{data} {BOM}Test message from Flotilla"
    return text.encode()


def frame(message: bytes) -> bytes:
    """Its length in front: the one framing that any text survives."""
    return b"%d %s" % (len(message), message)


def _head(event: AuditEvent) -> str:
    return _header(SEVERITIES[Outcome(event.outcome)], event.time, event.action)


def _header(severity: int, time: datetime, kind: str) -> str:
    moment = time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    host = NOT_PRINTABLE.sub("?", settings.FLOTILLA.FQDN)[:255] or "-"
    kind = NOT_PRINTABLE.sub("?", kind)[:32] or "-"
    return f"<{LOG_AUDIT * 8 + severity}>1 {moment} {host} flotilla - {kind} "


def _values(event: AuditEvent) -> dict[str, object]:
    return {
        "id": event.pk,
        "term": event.term,
        "action": event.action,
        "user": event.user,
        "user_kind": event.user_kind,
        "verified": event.verified,
        "outcome": event.outcome,
        "target_kind": event.target_kind,
        "target_id": event.target_id,
        "target": event.target_label,
        "node": event.node,
        "source": event.source,
        "user_agent": event.user_agent,
        "interface": event.interface,
        "request_id": event.request_id,
        "operation": event.operation,
        "hash": event.hash,
    }


def _elements(values: Mapping[str, object]) -> str:
    """The structured data, without what is empty."""
    given = ((name, str(value)) for name, value in values.items() if value not in (None, ""))
    return f"[{NAME} {' '.join(f'{name}={_quoted(value)}' for name, value in given)}]"


def _quoted(value: str) -> str:
    """RFC 5424 6.3.3: quotes, backslashes and closing brackets stand behind a backslash."""
    escaped = re.sub(r'(["\\\]])', r"\\\1", CONTROL.sub("\ufffd", value))
    return f'"{escaped}"'


def _sentence(event: AuditEvent) -> str:
    target = f": {event.target_label}" if event.target_label else ""
    outcome = "" if event.outcome == Outcome.OK else f" ({event.outcome})"
    return CONTROL.sub("\ufffd", f"{event}{target}{outcome}")


def _cut(text: str, *, room: int) -> str:
    """As much of the beginning as fits, when it is quoted."""
    size = 0
    for place, character in enumerate(text):
        size += len(_quoted(character).encode()) - 2
        if size > room:
            return text[:place]
    return text
