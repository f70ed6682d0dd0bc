"""What an export says of itself, so that nobody shortens or changes it unseen."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from audit.canonical import canonical_json
from audit.export.rows import Row
from audit.surroundings import find_signer

VERSION = 1


@dataclass(slots=True)
class Tally:
    """What went by so far."""

    count: int = 0
    first: dict[str, Any] | None = None
    last: dict[str, Any] | None = None
    digest: Any = field(default_factory=sha256)

    def add(self, row: Row, line: bytes) -> None:
        """One more event, as the export writes it."""
        self.count += 1
        self.last = {"id": row["id"], "hash": row["hash"]}
        self.first = self.first or self.last
        self.digest.update(line)


def make_manifest(tally: Tally, *, about: dict[str, Any]) -> bytes:
    """JSON; the signature is over its canonical form without the signature."""
    content = {
        "format": "flotilla-audit-export",
        "version": VERSION,
        **about,
        "count": tally.count,
        "first": tally.first,
        "last": tally.last,
        "sha256": tally.digest.hexdigest(),
    }
    signer = find_signer()
    signature = signer.sign(canonical_json(content).encode()) if signer else None
    return json.dumps({**content, "signature": signature}, indent=1, ensure_ascii=False).encode()
