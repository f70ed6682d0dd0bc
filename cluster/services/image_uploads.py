"""Image archives that administrators send for a node to install from."""

from pathlib import Path

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.services import record
from cluster.applications import uploads
from cluster.applications.uploads import Upload
from cluster.errors.applications import ImageUploadNotFound

SHORT = 12
"""Characters of a digest that people compare."""


@transaction.atomic
def keep_image(path: Path, *, actor: Actor) -> Upload:
    """Keep a file until it is installed; raises ImageUploadInvalid."""
    upload = uploads.keep(path)
    label = upload.image or upload.sha256[:SHORT]
    target = Target(kind="image", id=upload.sha256, label=label)
    details = {"size": upload.size, "image": upload.image}
    record(AuditAction.IMAGE_UPLOADED, actor=actor, target=target, details=details)
    return upload


def read_piece_for(node_id: int, *, sha256: str, number: int) -> bytes:
    """A piece of an archive that this very node shall install now; raises ImageUploadNotFound."""
    if not uploads.installing(sha256).filter(node_id=node_id).exists():
        raise ImageUploadNotFound(field="sha256")
    return uploads.read_piece(sha256, number=number)
