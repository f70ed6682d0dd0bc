"""Whether a node has a place in the VPN at all: not after it was removed or deposed."""

from nodes.agent.store import Holding

NO_CLUSTER = "This node belongs to no cluster."
REMOVED = "This node was removed from its cluster."
DEPOSED = "This node led the cluster, and another node leads it now."
WAITING = "This node led the cluster, and waits for the state of the new leader."


def find_obstacle(held: Holding) -> str | None:
    """Why there must be no interface, or None.

    A leader that handed over stays the hub until it has the next leader's state; one that was
    overtaken is no hub from the moment that it knows.
    """
    record, state = held.record, held.state
    if record.removed:
        return REMOVED
    if record.own_id is None:
        return NO_CLUSTER
    if record.role == "deposed":
        return DEPOSED
    led = state is not None and state.leader == record.node_id and record.role == "worker"
    return WAITING if led and not record.handed_over else None
