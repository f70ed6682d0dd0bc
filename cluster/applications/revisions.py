"""Which of two wishes about an application is the newer one."""

from cluster import state
from cluster.models import Cluster

GENERATIONS = 32
"""Bits."""


def next_revision() -> int:
    """A new generation, with its term in front: who takes over without the last changes of the
    leader before counts generations that nodes have heard of already.
    """
    generation = state.bump()
    term = Cluster.objects.values_list("term", flat=True).get()
    return int(term) << GENERATIONS | generation
