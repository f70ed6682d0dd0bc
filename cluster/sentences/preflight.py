"""What every node sees of a candidate."""

from django.utils.translation import gettext_noop as _

PREFLIGHT = (
    _("node{node} ({fqdn}) is offline, so nothing could be probed from there."),
    _("node{node} ({fqdn}) did not answer in time. Is its agent running?"),
    _("node{node} ({fqdn}) was asked, but {problem}."),
    _("node{node} ({fqdn}) answered."),
    _("it could not be probed"),
    _("its answer cannot be understood"),
    _("{origin} resolves {name} to {addresses}."),
    _("{origin} resolves {name} to the address that the others find."),
    _(
        "{origin} cannot resolve {name}: {problem}. Add the name to the DNS that {origin} asks, or "
        "to /etc/hosts there."
    ),
    _(
        "{origin} resolves {name} to {ours}, but {others} to {usual}. The name must lead to one "
        "address."
    ),
    _("{url} showed {origin} the certificate of {there}, and said that it is {there}."),
    _("Open TCP port {port} on the way from {origin} to {there}."),
    _("{origin} cannot reach {url} ({addresses}): {problem}. {advice}"),
    _("{url} shows {origin} another certificate than that of {there}. Who answers there?"),
    _("{url} answers {origin} that it is {said}, not {there}."),
    _("no member of this cluster"),
    _("{name} may lead."),
    _("{name} may not lead: it holds no secrets of the cluster. Make it eligible first."),
    _("{origin} and {there} run version {version}."),
    _("{origin} runs version {ours} and {there} runs {theirs}. Install the same version on both."),
    _("The clocks of {origin} and {there} agree."),
    _("Warning: the clocks of {origin} and {there} differ by {seconds} seconds. Set them."),
    _("{origin} holds the cluster's newest state, generation {generation}."),
    _("{origin} holds an older state of the cluster, {lag}. {advice}"),
    _("It refuses the newest: {reason}"),
    _("Wait until it has the newest."),
    _("{origin} and {there} exchanged WireGuard packets just now, both ways, by {endpoint}."),
    _("The VPN was not probed, because {name} did not answer."),
    _("The VPN was not probed, because it is {state} on {name}. {reason}"),
    _("The VPN was not probed: {origin} and {there} are no peers of each other yet."),
    _("No WireGuard packet got through between {origin} and {there} ({endpoint}). {advice}"),
    _("No WireGuard packet of {origin} arrived at {there} ({endpoint}). {advice}"),
    _("No WireGuard packet of {there} arrived at {origin}. {advice}"),
    _("Open UDP port {port} on the way from {origin} to {there}."),
    _("Open UDP on the way from {there} to {origin} ({endpoint})."),
    _("it has no public endpoint"),
    _("of the VPN"),
    _("no endpoint"),
    _(
        "node{node} shall be found at {endpoint} ({announced}), but its WireGuard packets reach "
        "node{origin} from {seen}, and none was seen to arrive the other way. Correct its address "
        "and port, or, if they are right and forwarded, promote without the check."
    ),
)
