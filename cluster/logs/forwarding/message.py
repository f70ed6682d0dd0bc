"""A line of a log as a syslog message (RFC 5424)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from cluster.logs.record import SEVERITIES, Record

LARGEST = 8000
"""Bytes: common receivers cut at 8 KiB."""
NAME = "flotilla@32473"
"""Of the structured data; the number is the one for documentation (RFC 5612)."""
BOM = "\ufeff"
FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news"),
    *("uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock"),
    *(f"local{number}" for number in range(8)),
)
"""RFC 5424, 6.2.1: the number is the place in this list."""
NOT_PRINTABLE = re.compile("[^!-~]")


def format_record(record: Record, *, hosts: Mapping[int, str]) -> bytes:
    """One message, from the host that said it; what does not fit is cut, and it says so."""
    head = _head(record, host=hosts.get(record.node, f"node{record.node}"))
    whole = f"{head}{_elements(record)} {BOM}{record.message}".encode()
    if len(whole) <= LARGEST:
        return whole
    cut = f"{head}{_elements(record, cut='true')} {BOM}{record.message}".encode()
    return cut[:LARGEST].decode(errors="ignore").encode()


def _head(record: Record, *, host: str) -> str:
    priority = _facility(record.facility) * 8 + SEVERITIES.index(record.severity)
    program = record.application or record.program or record.unit
    named = (_word(host, 255), _word(program, 48))
    return f"<{priority}>1 {_moment(record)} {' '.join(named)} - - "


def _facility(name: str) -> int:
    """What says none is a program of a user."""
    return FACILITIES.index(name) if name in FACILITIES else FACILITIES.index("user")


def _moment(record: Record) -> str:
    """When it was said, by the node's clock; by the leader's, if that is no time."""
    try:
        said = datetime.fromisoformat(record.reported)
    except ValueError:
        said = record.received
    moment = said if said.tzinfo else record.received
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _elements(record: Record, **more: str) -> str:
    """The structured data, without what is empty."""
    values = {
        "id": record.id,
        "node": str(record.node),
        "received": record.received.isoformat(),
        "program": record.program[:256],
        "unit": record.unit[:256],
        "application": record.application[:256],
        **more,
    }
    given = (f"{name}={_quoted(text)}" for name, text in values.items() if text)
    return f"[{NAME} {' '.join(given)}]"


def _quoted(text: str) -> str:
    """RFC 5424 6.3.3; a record has no control characters any more."""
    return '"' + re.sub(r'(["\\\]])', r"\\\1", text) + '"'


def _word(text: str, longest: int) -> str:
    return NOT_PRINTABLE.sub("?", text)[:longest] or "-"
