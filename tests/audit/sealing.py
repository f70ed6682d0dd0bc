"""Signatures for tests, without keys; and sealed files that somebody changes."""

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.canonical import canonical_json

Content = dict[str, bytes]


class Seal:
    """Whoever holds the key of node 1; ``stranger`` is a key of another cluster."""

    trail = 1

    def sign_manifest(self, manifest: dict[str, Any], *, key: str = "node1") -> str:
        return f"{key} {sha256(canonical_json(manifest).encode()).hexdigest()}"

    def signer_of(self, manifest: dict[str, Any], *, signature: str, key: str = "") -> int | None:
        expected = self.sign_manifest(manifest, key=key or "node1")
        return 1 if signature == expected else None

    def own_checkpoints(self) -> list[Any]:
        return []

    @classmethod
    def sign_as_stranger(cls, content: Content) -> None:
        manifest = json.loads(content["manifest.json"])
        del manifest["signature"]
        signature = cls().sign_manifest(manifest, key="stranger")
        content["manifest.json"] = json.dumps(manifest | {"signature": signature}).encode()


def ask_nobody() -> None:
    """Every witness has said what it remembers."""


def repack(path: Path, change: Callable[[Content], object]) -> None:
    """The file with other members."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    change(content)
    with zipfile.ZipFile(path, "w") as file:
        for name, each in content.items():
            file.writestr(name, each)
