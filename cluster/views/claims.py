"""Who says that another node leads, in words."""

from nodes.role import NodeIdentity


def claims_in_words(present: NodeIdentity) -> str:
    """A sentence for each node that says so."""
    return " ".join(
        f"node{claim['node_id']} says that node{claim['leader']} leads, in term {claim['term']}."
        for claim in present.contested
    )


def claimed_leaders(present: NodeIdentity) -> list[int]:
    """Whom they name, each once."""
    return sorted({int(claim["leader"]) for claim in present.contested})
