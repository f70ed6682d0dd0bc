"""Who says that another node leads."""

from nodes.role import NodeIdentity


def in_words(present: NodeIdentity) -> str:
    """A sentence for each of them."""
    return " ".join(
        f"node{claim['node_id']} says that node{claim['leader']} leads term {claim['term']}."
        for claim in present.contested
    )
