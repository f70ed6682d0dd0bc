"""What can go wrong when another node leads, or wants to."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, Invalid, Missing, Refused, Unavailable
from nodes.errors import NodeIsLeader


class LeaderWorks(NodeIsLeader):
    message = _("{node} leads the cluster and works. To move the leadership, promote another node.")


class NodeIsAlreadyLeader(Conflict):
    code = "node_is_already_leader"
    message = _("{node} leads the cluster already.")


class NodeNotEligible(Conflict):
    code = "node_not_eligible"
    message = _("{node} is not eligible to lead the cluster. {advice}")


class NotAMember(Conflict):
    code = "not_a_member"
    message = _("This machine belongs to no cluster, so there is no leader to switch. {advice}")


class LeaderDeposed(Conflict):
    """Another node leads a later term: this one only shows what it knew."""

    code = "leader_deposed"
    message = _(
        "This node no longer leads the cluster; {leader} does: {url} "
        "Make the change there, and have this node follow it."
    )


class DeposedCannotLead(LeaderDeposed):
    message = _(
        "This node no longer leads the cluster; {leader} does. Have it follow that node first "
        "(switch-leader --node {node}); promote it from the new leader's console afterwards."
    )


class LeadershipContested(Unavailable):
    """Some other nodes follow another leader, but not more than half of them."""

    code = "leadership_contested"
    message = _(
        "Changes are suspended, because another node claims to lead this cluster: {claims} "
        "Decide first: follow it, or confirm that this node leads."
    )


class RecoveryKeyInvalid(Invalid):
    code = "recovery_key_invalid"
    message = _(
        "This is not a recovery key: {reason} It was shown when the cluster was created, "
        "and begins with FLTR1 and a dot."
    )


class RecoveryKeyWrong(Refused):
    code = "recovery_key_wrong"
    message = _("This is the recovery key of another cluster. Nothing was changed.")


class LeadershipMoving(Unavailable):
    """For less than a second or two, while the last state travels to the next leader."""

    code = "leadership_moving"
    message = _("The cluster is moving to another leader; nothing changes meanwhile. Try again.")
    retry_after = 1


class LeaderLost(Conflict):
    """The end of an operation that another leader than the one that began it cannot go on with."""

    code = "leader_lost"
    message = _("The leader that began this is gone, and {leader} has taken over. Start it again.")


class StateNotHeld(Conflict):
    code = "state_not_held"
    message = _("This node holds state {held} and not {wanted}.")


class TakeoverNotPrepared(Conflict):
    code = "takeover_not_prepared"
    message = _("This node has not prepared to lead from generation {generation} on.")


class SealedPartUnreadable(Conflict):
    code = "sealed_part_unreadable"
    message = _("The sealed part of the cluster's state cannot be read: {problem}.")


class TrailNotPromised(Missing):
    code = "audit_export_not_promised"
    message = _("No promotion has promised this node's audit trail to the node that leads now.")
