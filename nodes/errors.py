"""What can go wrong with one machine."""

from config.errors import Conflict, Missing


class NodeStateConflict(Conflict):
    code = "node_state_conflict"
    message = "{node} is {state}; it cannot become {target}."


class NodeNotFound(Missing):
    code = "node_not_found"
    message = "There is no node {node}."
