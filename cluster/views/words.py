"""The console's words for what the database names shortly."""

from django.utils.translation import gettext, gettext_noop

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
    ("install_application", "reserve"): gettext_noop("Reserve its name"),
    ("install_application", "install"): gettext_noop(
        "Have the node fetch it, start it and see that it is well"
    ),
    ("change_application", "change"): gettext_noop(
        "Have the node change it and see that it is well"
    ),
    ("remove_application", "remove"): gettext_noop("Have the node stop it and delete it"),
    ("backup", "check"): gettext_noop("Look for the password"),
    ("backup", "copy_trail"): gettext_noop("Export the audit trail"),
    ("backup", "seal"): gettext_noop("Collect, and encrypt"),
    ("backup", "deliver"): gettext_noop("Send it to each destination"),
    ("backup", "tidy"): gettext_noop("Let go of outdated backups"),
    ("create", "prepare"): gettext_noop("Check what was entered"),
    ("create", "found"): gettext_noop("Found the cluster, with this machine as node 1"),
    ("create", "lead"): gettext_noop("Sign the first cluster state"),
    ("create", "connect"): gettext_noop("Start the VPN and reach this node's own agent"),
    ("enrol", "check"): gettext_noop("Reach the leader and check its certificate"),
    ("enrol", "enrol"): gettext_noop("Ask the leader for a place"),
    ("enrol", "adopt"): gettext_noop("Take over the cluster state"),
    ("enrol", "connect"): gettext_noop("Connect through the VPN"),
    ("enrol", "finish"): gettext_noop("Become a worker"),
    ("join", "reserve"): gettext_noop("Reserve a node number and a VPN address"),
    ("join", "admit"): gettext_noop("Let the node into the VPN"),
    ("join", "connect"): gettext_noop("Hear from the node"),
    ("join", "replicate"): gettext_noop("See that the node holds the cluster state"),
    ("join", "activate"): gettext_noop("Make it a member"),
    ("promote", "announce"): gettext_noop("Announce where its VPN is reached"),
    ("promote", "preflight"): gettext_noop("Have every node look at it"),
    ("promote", "freeze"): gettext_noop("Suspend changes"),
    ("promote", "final_state"): gettext_noop("Give it the final cluster state"),
    ("promote", "prepare"): gettext_noop("Have it make itself ready to lead"),
    ("promote", "hand_over"): gettext_noop("Hand over the lead"),
    ("promote", "step_down"): gettext_noop("See that the old leader follows"),
    ("promote", "follow"): gettext_noop("See that every other node follows"),
    ("promote", "verify"): gettext_noop("See that the new leader does its work"),
    ("restore", "prepare"): gettext_noop("See that this machine is free"),
    ("restore", "take_over"): gettext_noop("Become the leader, with all that the backup holds"),
    ("restore", "connect"): gettext_noop("Start the VPN and reach this node's own agent"),
    ("remove", "revoke"): gettext_noop("Refuse its keys and tokens from now on"),
    ("remove", "drop_peer"): gettext_noop("Close every other node's VPN to it"),
    ("remove", "tell"): gettext_noop("Tell the node, so that it lets go too"),
    ("remove", "archive"): gettext_noop("Free its address and note what is left to do"),
}


CHANGES = {
    "running": gettext_noop("Start {application}"),
    "stopped": gettext_noop("Stop {application}"),
    "restarted": gettext_noop("Restart {application}"),
}
"""What is done to an application without changing it."""


TITLES: dict[str, str] = {
    Operation.Kind.JOIN: gettext_noop("Let {fqdn} join"),
    Operation.Kind.REMOVE: gettext_noop("Remove {node}"),
    Operation.Kind.PROMOTE: gettext_noop("Promote {node}"),
    Operation.Kind.RESTORE: gettext_noop("Restore {label}"),
    Operation.Kind.INSTALL_APPLICATION: gettext_noop("Install {application}"),
    Operation.Kind.REMOVE_APPLICATION: gettext_noop("Remove {application}"),
}
"""What operations do, those that name something."""


def step_title(kind: str, name: str) -> str:
    """What a step does, in words; its name where no words were found for it yet."""
    known = STEPS.get((kind, name))
    return gettext(known) if known else name.replace("_", " ").capitalize()


def operation_title(operation: Operation) -> str:
    """What an operation does: ``Create the cluster``, ``Let node3.example.org join``."""
    if operation.kind == Operation.Kind.CHANGE_APPLICATION:
        done = operation.parameters.get("action", "")
        sentence = CHANGES.get(done, gettext_noop("Change {application}"))
    elif operation.kind in TITLES:
        sentence = TITLES[operation.kind]
    else:
        return operation.get_kind_display().capitalize()
    return gettext(sentence).format(**_things_of(operation))


def _things_of(operation: Operation) -> dict[str, str]:
    """What titles name."""
    asked, node = operation.parameters, _node_of(operation)
    name = asked.get("name") or gettext("an application")
    return {
        "fqdn": asked.get("fqdn") or gettext("a node"),
        "label": asked.get("label") or gettext("a cluster"),
        "node": node,
        "application": gettext("{name} on {node}").format(name=name, node=node),
    }


def _node_of(operation: Operation) -> str:
    number = operation.node_id or operation.parameters.get("node_id")
    return f"node{number}" if number else gettext("a node")
