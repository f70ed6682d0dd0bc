"""Who says that another node leads, for the console."""

from cluster.claims import in_words as claims_in_words
from nodes.role import NodeIdentity

__all__ = ["claimed_leaders", "claims_in_words"]


def claimed_leaders(present: NodeIdentity) -> list[int]:
    """Whom they name, each once."""
    return sorted({int(claim["leader"]) for claim in present.contested})
