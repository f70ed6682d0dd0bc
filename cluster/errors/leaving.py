"""What can go wrong when a node leaves, and afterwards."""

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, DomainError, Missing


class NodeRemoved(DomainError):
    """What a removed node is told for ever, with the leader's proof of it (S20)."""

    code = "node_removed"
    status = 401
    message = _("Node {node} was removed from this cluster.")

    def __init__(self, *, node: int, members: Mapping[str, object]) -> None:
        super().__init__(node=node)
        self.members = members
        """What the answer to an agent has beside code and detail."""


class NodeNotRemoved(Conflict):
    code = "node_not_removed"
    message = _("This machine was not removed from a cluster; there is nothing to clean.")


class ApplicationsChanged(Conflict):
    """S19: what was confirmed is not what would be removed."""

    code = "applications_changed"
    message = _("What runs on {node} has changed since the list was shown. Look at it again.")


class NodeRunsAccountProvider(Conflict):
    """S16, S17."""

    code = "node_runs_account_provider"
    message = _(
        "{node} runs replicas of account providers: {replicas}. Remove them first; "
        "if the node is unreachable for good, remove it with force and clean up by hand."
    )


class FollowUpNotFound(Missing):
    code = "follow_up_not_found"
    message = _("There is no such follow-up.")
