"""Whether an application works: its port answers. Costs a socket, and no process."""

import http.client
import socket

from nodes.agent.applications.arguments import LOCAL, address_of
from nodes.agent.applications.entries import Entry
from nodes.agent.applications.parts import Port

SECONDS = 1.0
WORST_GOOD = 399


def find_fault(entry: Entry) -> str:
    """Why the application does not answer as it should; empty where it does, or is not asked."""
    health = entry.definition.health
    if health.kind == "none":
        return ""
    port = next(p for p in entry.definition.ports if p.container == health.port)
    address = address_of(port, vpn_address=entry.address) or LOCAL
    try:
        return _ask(address, port, entry)
    except (OSError, http.client.HTTPException) as error:
        return f"port {port.host} does not answer ({error})."


def _ask(address: str, port: Port, entry: Entry) -> str:
    health = entry.definition.health
    if health.kind == "tcp":
        socket.create_connection((address, port.host), timeout=SECONDS).close()
        return ""
    connection = http.client.HTTPConnection(address, port.host, timeout=SECONDS)
    try:
        connection.request("GET", health.path)
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if status <= WORST_GOOD else f"{health.path} is answered with HTTP {status}."


def is_port_free(port: Port, *, vpn_address: str) -> bool:
    """Whether the node's port could be opened now."""
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    address = address_of(port, vpn_address=vpn_address)
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port.host))
        except OSError:
            return False
    return True
