"""Which ports of a node are taken by what was installed from here."""

from cluster.errors.applications import PortTaken
from cluster.models import InstalledApplication
from nodes.agent.applications.definition import Definition


def check_ports(node_id: int, definition: Definition) -> None:
    """Of those that were installed from here; the node itself knows of the others.

    Raises PortTaken.
    """
    others = InstalledApplication.objects.filter(application__node_id=node_id)
    wanted = {(port.host, port.protocol) for port in definition.ports}
    for other in others.exclude(application__name=definition.name).select_related("application"):
        held = {(port["host"], port["protocol"]) for port in other.definition["ports"]}
        if wanted & held:
            port, _ = min(wanted & held)
            holder = other.application.name
            detail = f"Port {port} of node{node_id} is taken by {holder}. Choose another one."
            raise PortTaken(field="ports", detail=detail)
