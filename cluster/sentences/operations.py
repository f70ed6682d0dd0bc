"""What operations note beside their steps, and what they leave to do."""

from django.utils.translation import gettext_noop as _

FOLLOW_UPS = (
    _("Shut down {node} to finalise its removal. {advice}"),
    _("It was unreachable: if it is switched on again, it learns that it was removed."),
    _("Its applications keep running there: {names}."),
    _("Nothing ran on it."),
    _(
        "{node} was removed while it was unreachable, with these account provider replicas: "
        "{replicas}. Providers that were added here forget it by themselves; remove by hand what "
        "it left over in any other domain."
    ),
    _(
        "node{node} does not follow the new leader yet. It will by itself when it is reachable; "
        "this entry settles itself then."
    ),
    _(
        "A backup password does not travel with the leadership. None was set before; to have "
        "backups, set one here."
    ),
    _(
        "The backup password does not travel with the leadership. Set it again; until then the "
        "scheduled backups fail."
    ),
    _(
        "The logs of all nodes from before the change of leader stay on {old}. Search them there "
        "with manage.py search_logs; nothing deletes them as long as it does not lead again."
    ),
    _("The audit trail from before the change of leader is on {old}."),
    _("A sealed export of it is on its way here; this entry settles itself then."),
    _("Export it there."),
    _("The audit trail of {subject} could not be taken along: {problem} Export it there."),
    _("There is not enough space for it on this machine."),
    _("It is here itself; of {count} archives that were opened there, {done} are here."),
    _("Of the archives that were opened there, {lost} could not be read here; the rest is here."),
    _(
        "Its archives up to event {left_out} are missing or damaged there; what follows them is "
        "here."
    ),
    _(
        "{name} ({fqdn}) belonged to the cluster when the backup was made. Its keys are not "
        "trusted any more. To use it again, install it anew and join it; if you do not need it, "
        "shut it down."
    ),
    _(
        "{node} led until it learnt that it had been replaced. {late_changes} changes were made "
        "there too late, and are not in this cluster. They are listed in late-writes.jsonl, below "
        "kept in its state directory; make again here what is wanted."
    ),
)

STEPS = (
    _("Waiting for the node to take it back."),
    _("Waiting for node{node}."),
    _("Try again when it is online."),
    _("It is no member."),
    _("node{node} has a container of this name already."),
    _("The audit trail is not part of the backup."),
    _("The audit trail is being exported."),
    _("The password is being stretched to a key, which takes some seconds."),
    _("{arrived} of {count} destinations have it."),
    _("There is no destination: it is on this machine only."),
    _("Waiting for the VPN: {reason}"),
    _("it is being set up"),
    _("The VPN is off."),
    _("Waiting for this machine's own agent to report."),
    _("The creation of the cluster was cancelled."),
    _("Another cluster was created instead."),
    _("This machine is called {fqdn}. {detail} Set FLOTILLA_FQDN."),
    _("Left behind: “{step}” could not be undone. {detail}"),
    _("Continues on {place}."),
    _("This machine is to be node {number}."),
    _("The leader knows this machine already; waiting for its decision."),
    _("Waiting for the leader to admit this machine."),
    _("Waiting for the leader: {detail}"),
    _("The VPN is still being set up."),
    _("The join was cancelled."),
    _("Another join was begun instead."),
    _("It does not say why."),
    _("Another machine is joining; this one is next."),
    _("The leader cannot answer now: {detail}"),
    _("The leader does not answer: {failure}."),
    _("Waiting for this machine's VPN to know the new node: {reason}"),
    _("Waiting for the new node's first call."),
    _(
        "The node calls by the public address, but not through the VPN yet. Is the VPN's UDP port "
        "open on the way to the leader?"
    ),
    _("Waiting for the new node to hold the cluster's state."),
    _("{nodes} follow."),
    _("There is no other node."),
    _("Waiting for {nodes} to follow."),
    _("node{node} does not answer: {failure}."),
    _("node{node} does not show the certificate that it came with."),
    _("The node cannot answer now: {detail}"),
    _("Not checked: the administrator has said so."),
    _("Waiting for every node to look at the next leader."),
    _("Waiting for the nodes to use the new endpoint."),
    _("Waiting for the next leader to hold the last state."),
    _("The freeze had ended; the next leader needs a newer state."),
    _("The next leader had to prepare again."),
    _("Waiting for {nodes} to forget the node."),
    _("Offline, and told when they return: {nodes}."),
    _("Waiting for this machine's VPN to forget the node: {reason}"),
    _("It learns of its removal when it calls again."),
    _("The node has not confirmed it yet; it learns of it when it calls again."),
    _("The restoration was cancelled."),
    _("A backup was restored instead."),
    _("another certificate"),
    _("it is no Flotilla node"),
    _("no answer in time"),
    _("connection refused"),
    _("connection failed"),
    _("the name is not known"),
    _("the name server does not answer"),
    _("it does not speak TLS as expected"),
)

JOINING = (
    _("The clocks of the leader and the new node differ by {seconds} seconds. Set them."),
    _("The leader runs {leader}, the new node {node}. Both should run the same."),
    _("The new node joined without validating the leader's certificate."),
    _("The leader cannot resolve {fqdn}. Add the name to the DNS or to /etc/hosts."),
    _("The node reaches the leader by its public address only: the VPN is off."),
)
