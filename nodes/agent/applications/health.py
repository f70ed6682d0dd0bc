"""Whether an application works: its port answers. Costs a socket, and no process."""

import re
import socket
import time

from nodes.agent.applications.arguments import LOCAL, address_of
from nodes.agent.applications.entries import Entry
from nodes.agent.applications.parts import Port

SECONDS = 1.0
"""For the whole answer: one that comes byte by byte is none."""
WORST_GOOD = 399
STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})[ \r\n]")
LONGEST = 64


def find_fault(entry: Entry) -> str:
    """Why the application does not answer as it should; empty where it does, or is not asked."""
    health = entry.definition.health
    if health.kind == "none":
        return ""
    tcp = (port for port in entry.definition.ports if port.protocol == "tcp")
    port = next(port for port in tcp if port.container == health.port)
    address = address_of(port, vpn_address=entry.address) or LOCAL
    try:
        return _ask(address, port, entry)
    except OSError as error:
        return f"port {port.host} does not answer ({error})."


def _ask(address: str, port: Port, entry: Entry) -> str:
    health = entry.definition.health
    if health.kind == "tcp":
        socket.create_connection((address, port.host), timeout=SECONDS).close()
        return ""
    head = _get(address, port.host, health.path)
    status = STATUS.match(head)
    if status is None:
        return f"port {port.host} does not speak HTTP."
    code = int(status[1])
    return "" if code <= WORST_GOOD else f"{health.path} is answered with HTTP {code}."


def _get(address: str, port: int, path: str) -> bytes:
    """How the answer begins: no more of it is read, and nothing that it leads to is followed."""
    asked = f"GET {path} HTTP/1.1\r\nHost: {address}:{port}\r\nConnection: close\r\n\r\n"
    until, head = time.monotonic() + SECONDS, b""
    with socket.create_connection((address, port), timeout=SECONDS) as connection:
        connection.sendall(asked.encode())
        while b"\n" not in head and len(head) < LONGEST:
            connection.settimeout(max(until - time.monotonic(), 0.001))
            if not (part := connection.recv(LONGEST)):
                break
            head += part
    return head


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
