"""What can go wrong with one machine."""

from config.errors import Conflict, Invalid, Missing


class NodeStateConflict(Conflict):
    code = "node_state_conflict"
    message = "{node} is {state}; it cannot become {target}."


class NodeNotFound(Missing):
    code = "node_not_found"
    message = "There is no node {node}."


class NodeLabelInvalid(Invalid):
    code = "node_label_invalid"
    message = "A label has at most 64 printable characters."
