"""What can go wrong with the cluster as a whole."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, DomainError, Invalid


class NotLeader(Conflict):
    code = "not_leader"
    message = _("This node is not the leader. {where}")


class ClusterNotCreated(Conflict):
    code = "cluster_not_created"
    message = _("This node belongs to no cluster yet. Create one, or join one, first.")


class ClusterAlreadySet(Conflict):
    code = "cluster_network_already_set"
    message = _("This node already belongs to a cluster ({cluster}).")


class ClusterIsFull(Conflict):
    code = "cluster_is_full"
    message = _(
        "The cluster has {count} of at most {max_nodes} nodes. "
        "Remove a node, or raise the limit in the cluster's settings; then use the same code again."
    )


class MaxNodesTooLow(Invalid):
    code = "max_nodes_too_low"
    message = _("The cluster has {count} nodes; the limit cannot be lower.")


class MaxNodesTooHigh(Invalid):
    code = "max_nodes_too_high"
    message = _("The VPN network {network} has room for {room} nodes; the limit cannot be higher.")


class LabelInvalid(Invalid):
    code = "label_invalid"
    message = _("A label has 1 to 64 printable characters.")


class VpnNetworkInvalid(Invalid):
    code = "vpn_network_invalid"
    message = _("{reason} A VPN network is written like 10.5.4.0/24.")


class NotAPrivateNetwork(Invalid):
    code = "not_a_private_network"
    message = _(
        "{network} is not a private network. "
        "Choose one inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
    )


class VpnNetworkTooSmall(Invalid):
    code = "vpn_network_too_small"
    message = _("{network} has room for {room} nodes, and the cluster may have {max_nodes}.")


class VpnNetworkOverlaps(Invalid):
    code = "vpn_network_overlaps"
    message = _("{network} overlaps {other}, which {owner} uses already. Choose another network.")


class VpnNotUp(DomainError):
    code = "vpn_not_up"
    status = 503
    message = _("The VPN interface did not come up: {reason}")


class ConfirmationMismatch(Invalid):
    """S20, S35."""

    code = "confirmation_mismatch"
    message = _("Type {expected} to confirm.")


class NodeNotReachable(Conflict):
    code = "node_not_reachable"
    message = _("{node} does not answer. {advice}")


class EndpointNotReachable(Conflict):
    """S36: each node that failed is named, with its reason."""

    code = "endpoint_address_not_reachable"
    message = "{failures}"
