"""The console's words for what the database names shortly."""

from cluster.models import Operation

MEANINGS = {
    "online": "ok",
    "joining": "busy",
    "offline": "offline",
    "removing": "busy",
    "removed": "plain",
    "pending": "busy",
    "running": "busy",
    "succeeded": "ok",
    "failed": "danger",
    "cancelled": "warning",
    "up": "ok",
    "down": "offline",
    "off": "warning",
    "ok": "ok",
    "denied": "danger",
    "active": "info",
    "used": "ok",
    "expired": "offline",
    "revoked": "offline",
}

APPLICATION_MEANINGS = {
    "absent": "danger",
    "running": "ok",
    "active": "ok",
    "activating": "busy",
    "created": "plain",
    "configured": "plain",
    "paused": "warning",
    "degraded": "warning",
    "exited": "offline",
    "stopped": "offline",
    "inactive": "offline",
    "failed": "danger",
    "dead": "danger",
    "error": "danger",
}
"""States of applications, as podman and systemd call them."""

STEPS = {
    ("install_application", "reserve"): "Reserve its name",
    ("install_application", "install"): "Have the node fetch it, start it and see that it is well",
    ("change_application", "change"): "Have the node change it and see that it is well",
    ("remove_application", "remove"): "Have the node stop it and delete it",
    ("backup", "check"): "Look for the password",
    ("backup", "copy_trail"): "Export the audit trail",
    ("backup", "seal"): "Collect, and encrypt",
    ("backup", "deliver"): "Send it to each destination",
    ("backup", "tidy"): "Let go of outdated backups",
    ("create", "prepare"): "Check what was entered",
    ("create", "found"): "Found the cluster, with this machine as node 1",
    ("create", "lead"): "Sign the first cluster state",
    ("create", "connect"): "Start the VPN and reach this node's own agent",
    ("enrol", "check"): "Reach the leader and check its certificate",
    ("enrol", "enrol"): "Ask the leader for a place",
    ("enrol", "adopt"): "Take over the cluster state",
    ("enrol", "connect"): "Connect through the VPN",
    ("enrol", "finish"): "Become a worker",
    ("join", "reserve"): "Reserve a node number and a VPN address",
    ("join", "admit"): "Let the node into the VPN",
    ("join", "connect"): "Hear from the node",
    ("join", "replicate"): "See that the node holds the cluster state",
    ("join", "activate"): "Make it a member",
    ("promote", "announce"): "Announce where its VPN is reached",
    ("promote", "preflight"): "Have every node look at it",
    ("promote", "freeze"): "Suspend changes",
    ("promote", "final_state"): "Give it the final cluster state",
    ("promote", "prepare"): "Have it make itself ready to lead",
    ("promote", "hand_over"): "Hand over the lead",
    ("promote", "step_down"): "See that the old leader follows",
    ("promote", "follow"): "See that every other node follows",
    ("promote", "verify"): "See that the new leader does its work",
    ("restore", "prepare"): "See that this machine is free",
    ("restore", "take_over"): "Become the leader, with all that the backup holds",
    ("restore", "connect"): "Start the VPN and reach this node's own agent",
    ("remove", "revoke"): "Refuse its keys and tokens from now on",
    ("remove", "drop_peer"): "Close every other node's VPN to it",
    ("remove", "tell"): "Tell the node, so that it lets go too",
    ("remove", "archive"): "Free its address and note what is left to do",
}


CHANGES = {"running": "Start", "stopped": "Stop", "restarted": "Restart"}
"""What is done to an application without changing it."""


def step_title(kind: str, name: str) -> str:
    """What a step does, in words; its name where no words were found for it yet."""
    return STEPS.get((kind, name), name.replace("_", " ").capitalize())


def operation_title(operation: Operation) -> str:
    """What an operation does: ``Create the cluster``, ``Join of node3.example.org``."""
    match operation.kind:
        case Operation.Kind.JOIN:
            return f"Join of {operation.parameters.get('fqdn', 'a node')}"
        case Operation.Kind.ENROL:
            return "Join a cluster"
        case Operation.Kind.REMOVE:
            return f"Removal of {_node_of(operation)}"
        case Operation.Kind.PROMOTE:
            return f"Promotion of {_node_of(operation)}"
        case Operation.Kind.RESTORE:
            return f"Restoration of {operation.parameters.get('label', 'a cluster')}"
        case Operation.Kind.INSTALL_APPLICATION:
            return f"Installation of {_application_of(operation)}"
        case Operation.Kind.CHANGE_APPLICATION:
            wanted = CHANGES.get(operation.parameters.get("action", ""), "Change")
            return f"{wanted} of {_application_of(operation)}"
        case Operation.Kind.REMOVE_APPLICATION:
            return f"Removal of {_application_of(operation)}"
        case _:
            return operation.get_kind_display().capitalize()


def _application_of(operation: Operation) -> str:
    return f"{operation.parameters.get('name', 'an application')} on {_node_of(operation)}"


def _node_of(operation: Operation) -> str:
    number = operation.node_id or operation.parameters.get("node_id")
    return f"node{number}" if number else "a node"
