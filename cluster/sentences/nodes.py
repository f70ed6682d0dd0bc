"""What nodes say of themselves, of their applications and of directories."""

from django.utils.translation import gettext_noop as _

WORDS = (
    # states of the VPN, of applications, and of directories' parts
    _("up"),
    _("down"),
    _("off"),
    _("absent"),
    _("running"),
    _("active"),
    _("activating"),
    _("created"),
    _("configured"),
    _("paused"),
    _("degraded"),
    _("exited"),
    _("stopped"),
    _("inactive"),
    _("failed"),
    _("dead"),
    _("error"),
    _("its name"),
    _("the connection"),
    _("the login"),
    _("the base entry"),
    # severities of syslog, RFC 5424 section 6.2.1
    _("emergency"),
    _("alert"),
    _("critical"),
    _("warning"),
    _("notice"),
    _("info"),
    _("debug"),
)

NODES = (
    _("This node belongs to no cluster."),
    _("This node was removed from its cluster."),
    _("This node led the cluster, and another node leads it now."),
    _("This node led the cluster, and waits for the state of the new leader."),
    _("The cluster has no place for this node."),
    _("The VPN is off: {problem}."),
    _("The VPN could not be set up: {problem}."),
    _("the agent does not run as root"),
    _("the command {tool} is not installed"),
    _("the agent may not make network interfaces here"),
    _("the kernel has no WireGuard, and wireguard-go is not installed"),
    _("the kernel has no WireGuard, and there is no /dev/net/tun for wireguard-go"),
    _("Install what is missing there: apt install {packages}"),
    _("Install an rsyslog there that has its plugin imjournal."),
    _("there is no way to the leader"),
    _("The signature of the cluster state is not valid."),
    _("The state is of term {theirs}; this node has already accepted term {ours}."),
    _("Node {leader} claims to lead term {term} without authority: {problem}."),
    _("This node already belongs to the cluster {cluster}."),
)

APPLICATIONS = (
    _("A privileged container owns the machine. The cluster's settings do not allow it."),
    _(
        "{path} is outside the application's own directory. Use a named volume or a relative path; "
        "the cluster's settings do not allow other paths of the node."
    ),
    _("The cluster's settings do not allow an application to use the node's own network."),
    _("Port {port} of the node is taken by {holder}. Choose another one."),
    _("The node has a container {name} already, which was not installed from here."),
    _("The image {image} cannot be had: {problem}"),
    _("There is no image archive {archive} on the node. Put it into {directory}."),
    _("The image archive was not fetched from the leader: {problem}"),
    _("The node has {free} MB free and needs {needed} MB for this image. Make room there."),
    _("The secret {secret} was not given, and the node has none of that name yet."),
    _("It was started and is not healthy: {problem}"),
    _("{name} is not installed on this node."),
    _("Podman is not installed on the node. Install it there: apt install podman"),
    _("It was given up: something newer is wanted of this application."),
    _("port {port} does not answer ({problem})."),
    _("port {port} does not speak HTTP."),
    _("{path} is answered with HTTP {code}."),
    _("Fetching the image."),
    # xgettext:no-python-format
    _("Fetching the image from the leader: {percent} % of {size} MB."),
    _("Starting it."),
    _("Waiting until it is healthy."),
    _("Going back to what was there before."),
    _("It ends again and again."),
    _("it ended at once."),
    _("it ended at once. Its last words: {said}"),
    _("It speaks another version of LDAP."),
    _("It wants stronger authentication."),
    _("It wants an encrypted connection: use ldaps."),
    _("It has no such entry."),
    _("It does not accept the name's form."),
    _("It does not accept this kind of login."),
    _("It does not accept the bind DN or its password."),
    _("The bind DN may not read it."),
    _("It is not willing to do so."),
    _("Its answer is no LDAP."),
    _("It closed the connection."),
    _("It refused with LDAP result {result}."),
)

DEFINITIONS = (
    _("There is nothing of this name in a definition."),
    _("{name} is a secret and a plain variable."),
    _("{port} is none of the TCP ports above."),
    _("In the node's own network a port cannot be another one."),
    _("{name} is a list of at most {most} entries."),
    _("A value is one line of at most 4096 printable characters."),
    _("There are at most {most} variables."),
    _("{name} is no name of a variable, such as LOG_LEVEL."),
    _("Memory is {least} to {most} MiB, or nothing."),
    _("{name} is there twice."),
    _("{path} is no absolute path in the container."),
    _("{path} needs a volume's name or a path, and not both."),
    _("{name} is no name of a volume, such as data."),
    _("{path} is neither one directory nor a whole path."),
    _("{path} is no path of a URL."),
    _("{name} is one of {choices}."),
    _("{name} is a number from 1 to {most}."),
)
"""What is wrong with a definition; each is said as the end of a sentence."""

COMPOSED = (
    _("Name has a to z, 0 to 9 and -, at most 40."),
    _("Image names its registry, such as docker.io/library/nginx:1.27."),
    _("Archive is the name of a file such as site.tar."),
)
"""Likewise, and begun with the name of what is wrong."""
