"""What the published schema covers: the public API, not what agents speak."""

from typing import Any


def only_public_paths(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Keep ``/api/v1/`` only."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
