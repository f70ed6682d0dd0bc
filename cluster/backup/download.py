"""A backup as the answer to a request: read from disk while it is sent."""

from pathlib import Path

from django.http import FileResponse


def as_response(path: Path) -> FileResponse:
    """To be saved, not shown."""
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=path.name,
        content_type="application/octet-stream",
    )
