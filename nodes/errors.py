"""What can go wrong with one machine."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, Invalid, Missing


class NodeStateConflict(Conflict):
    code = "node_state_conflict"
    message = _("{node} is {state}; it cannot become {target}.")


class NodeNotFound(Missing):
    code = "node_not_found"
    message = _("There is no node {node}.")


class DomainNotFound(Missing):
    code = "domain_not_found"
    message = _("No node provides the accounts of {domain}.")


class NodeLabelInvalid(Invalid):
    code = "node_label_invalid"
    message = _("A label has at most 64 printable characters.")


class EndpointInvalid(Invalid):
    code = "endpoint_invalid"
    message = _("{reason} An endpoint is written name:port, such as node1.example.org:55820.")


class HostnameError(Invalid):
    """S10, RFC 1123 section 2.1."""

    code = "cluster_hostname_error"
    message = "{reason}"


class NodeIsLeader(Conflict):
    """S15."""

    code = "node_is_leader"
    message = _("{node} is the leader. Promote another node first.")
