"""What jobs are asked to do: each takes an order that JSON can carry, and gives such an answer."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cluster.backup import age, archive, names
from cluster.backup.depots import open_depot
from cluster.backup.destinations import Destination, Kind
from cluster.errors.backup import BackupDamaged, BackupNotSealed
from nodes.agent import files

Json = Mapping[str, Any]
ATTACHED = {
    archive.CERTIFICATE: "cert.pem",
    archive.PRIVATE_KEY: "key.pem",
    archive.AUDIT: "audit-export.zip",
}
"""What is kept as a file when a backup is opened, and how it is called then."""


def seal(order: Json) -> dict[str, Any]:
    """Pack ``texts`` and the files at ``paths``, and seal them by ``password`` at ``target``."""
    texts = {name: text.encode() for name, text in order["texts"].items()}
    try:
        attached = {name: Path(path).read_bytes() for name, path in order["paths"].items()}
        packed = archive.pack(order["about"], texts | attached)
        sealed = age.seal(packed, password=order["password"])
        write(Path(order["target"]), sealed)
    except OSError as error:
        raise BackupNotSealed(problem=f"{error.filename}: {error.strerror}.") from None
    return {"size": len(sealed), "sha256": hashlib.sha256(sealed).hexdigest()}


def copy_trail(order: Json) -> dict[str, Any]:
    """Put the sealed export of the whole audit trail at ``target``."""
    from django.apps import apps  # the only order that needs the database

    if not apps.ready:
        import django

        django.setup()
    from cluster.backup.trail import write_export

    return {"events": write_export(Path(order["target"]), actor=order["actor"])}


def unseal(order: Json) -> dict[str, Any]:
    """Open the backup at ``source``; what is no state of the cluster is put into ``folder``."""
    raw = Path(order["source"]).read_bytes()
    opened = archive.unpack(age.open_sealed(raw, password=order["password"]))
    for name, file_name in ATTACHED.items():
        if name in opened.files:
            write(Path(order["folder"]) / file_name, opened.files[name])
    return {
        "manifest": opened.manifest,
        "document": _load(opened.files[archive.DOCUMENT]),
        "sealed": _load(opened.files[archive.SEALED]),
        "attached": [file_name for name, file_name in ATTACHED.items() if name in opened.files],
    }


def deliver(order: Json) -> dict[str, Any]:
    """Send ``file`` to one destination, and remove there what is outdated by then."""
    given = order["destination"]
    depot = open_depot(Destination(Kind(given["kind"]), given["settings"], given["secret"]))
    depot.put(Path(order["file"]))
    outdated = names.find_outdated(
        depot.names(),
        prefix=order["prefix"],
        keep_last=order["keep_last"],
        keep_days=order["keep_days"],
        now=datetime.now(tz=UTC),
    )
    for name in outdated:
        depot.remove(name)
    return {"removed": outdated}


def write(path: Path, content: bytes) -> None:
    """Aside, synced, renamed; for its owner only."""
    aside = path.with_name(f".{path.name}.partial")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    aside.replace(path)
    files.sync_directory(path.parent)


def _load(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise BackupDamaged(field="file", problem="its state is no JSON.") from None


ORDERS: Mapping[str, Callable[[Json], dict[str, Any]]] = {
    "seal": seal,
    "unseal": unseal,
    "deliver": deliver,
    "copy_trail": copy_trail,
}
