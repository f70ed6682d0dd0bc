"""Who says that another node leads."""

from cluster.errors.leadership import LeadershipContested
from nodes.role import NodeIdentity


def in_words(present: NodeIdentity) -> str:
    """A sentence for each of them."""
    return " ".join(
        f"node{claim['node_id']} says that node{claim['leader']} leads term {claim['term']}."
        for claim in present.contested
    )


def leaders(present: NodeIdentity) -> list[int]:
    """Whom they name, each once."""
    return sorted({int(claim["leader"]) for claim in present.contested})


def check_uncontested(present: NodeIdentity) -> None:
    """Raises ``LeadershipContested`` on a leader in doubt."""
    if present.is_contested:
        raise LeadershipContested(claims=in_words(present))
