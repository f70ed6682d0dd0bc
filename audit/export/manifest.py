"""What an export says of itself, so that nobody shortens or changes it unseen."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import structlog

from audit.export.rows import Row
from audit.surroundings import custodian
from config.errors import DomainError

log = structlog.get_logger(__name__)
VERSION = 1
EXPORT, ARCHIVE = "flotilla-audit-export", "flotilla-audit-archive"


@dataclass(slots=True)
class Tally:
    """What went by so far."""

    count: int = 0
    first: dict[str, Any] | None = None
    last: dict[str, Any] | None = None
    before: str = ""
    """Hash of the event before the first."""
    digest: Any = field(default_factory=sha256)

    def add(self, row: Row, line: bytes) -> None:
        """One more event, as the export writes it."""
        self.count += 1
        self.last = {"id": row["id"], "hash": row["hash"]}
        if self.first is None:
            self.first, self.before = self.last, str(row.get("previous", ""))
        self.digest.update(line)


def make_manifest(
    tally: Tally, *, about: dict[str, Any], form: str = EXPORT, must_sign: bool = False
) -> bytes:
    """JSON; the signature is a JWS over its canonical form without the signature, or nothing where
    no agent signs and it need not be. Raises DomainError where it must.
    """
    content = {
        "format": form,
        "version": VERSION,
        **about,
        "count": tally.count,
        "first": tally.first,
        "last": tally.last,
        "sha256": tally.digest.hexdigest(),
    }
    signature = custodian().sign_manifest(content) if must_sign else _sign(content)
    signed = {**content, "signature": signature}
    return json.dumps(signed, indent=1, ensure_ascii=False).encode()


def _sign(content: dict[str, Any]) -> str | None:
    try:
        return custodian().sign_manifest(content)
    except DomainError as error:
        log.warning("manifest_not_signed", code=error.code, detail=error.detail)
        return None
