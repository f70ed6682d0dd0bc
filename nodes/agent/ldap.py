"""As much LDAP as a look at a directory takes: a simple bind, and one entry read (RFC 4511)."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 64 * 1024
"""Bytes of one answer; the entry that is asked for has a few hundred."""
INTEGER, OCTETS, ENUMERATED, BOOLEAN = 0x02, 0x04, 0x0A, 0x01
SEQUENCE, SET = 0x30, 0x31
BIND, BIND_ANSWER, PASSWORD = 0x60, 0x61, 0x80
SEARCH, ENTRY, SEARCH_DONE, PRESENT = 0x63, 0x64, 0x65, 0x87
EXTENDED, EXTENDED_ANSWER, NAME = 0x77, 0x78, 0x80
START_TLS = b"1.3.6.1.4.1.1466.20037"
RESULTS = {
    2: "It speaks another version of LDAP.",
    8: "It wants stronger authentication.",
    13: "It wants an encrypted connection: use ldaps.",
    32: "It has no such entry.",
    34: "It does not accept the name's form.",
    48: "It does not accept this kind of login.",
    49: "It does not accept the bind DN or its password.",
    50: "The bind DN may not read it.",
    53: "It is not willing to do so.",
}


class DirectoryRefused(Exception):
    """The directory answered, with a refusal or with what is no LDAP."""


@dataclass(frozen=True, slots=True)
class Item:
    """One element of an answer: what it is, and its content."""

    tag: int
    content: bytes


def start_tls(connection: socket.socket) -> None:
    """Agree on TLS, which the caller then begins; raises DirectoryRefused and OSError."""
    _send(connection, 0, encode(EXTENDED, encode(NAME, START_TLS)))
    _check(_receive(connection, 0), EXTENDED_ANSWER)


def bind(connection: socket.socket, *, name: str, password: str) -> None:
    """Log in, without a name as nobody; raises DirectoryRefused and OSError."""
    credentials = encode(PASSWORD, password.encode())
    request = _number(3) + encode(OCTETS, name.encode()) + credentials
    _send(connection, 1, encode(BIND, request))
    _check(_receive(connection, 1), BIND_ANSWER)


def read_entry(connection: socket.socket, *, name: str, attribute: str) -> list[str]:
    """The values of one attribute of one entry; raises DirectoryRefused and OSError."""
    nobody_limits = _number(0) + _number(0) + encode(BOOLEAN, b"\0")
    request = (
        encode(OCTETS, name.encode())
        + encode(ENUMERATED, b"\0")
        + encode(ENUMERATED, b"\0")
        + nobody_limits
        + encode(PRESENT, b"objectClass")
        + encode(SEQUENCE, encode(OCTETS, attribute.encode()))
    )
    _send(connection, 2, encode(SEARCH, request))
    values: list[str] = []
    answer = _receive(connection, 2)
    if answer.tag == ENTRY:
        values = _values(answer)
        answer = _receive(connection, 2)
    _check(answer, SEARCH_DONE)
    return values


def encode(tag: int, content: bytes) -> bytes:
    """One element in BER, its length in the shortest form."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def decode(content: bytes) -> Iterator[Item]:
    """The elements that follow each other; raises DirectoryRefused for what is no BER."""
    while content:
        tag, size, head = _header(content)
        if len(content) < head + size:
            raise DirectoryRefused("Its answer is no LDAP.")
        yield Item(tag, content[head : head + size])
        content = content[head + size :]


def _header(content: bytes) -> tuple[int, int, int]:
    """The tag, the content's length, and how long both are themselves."""
    more = content[1] & 0x7F if len(content) > 1 and content[1] & 0x80 else 0
    if len(content) < 2 + more or more > 4:
        raise DirectoryRefused("Its answer is no LDAP.")
    size = int.from_bytes(content[2 : 2 + more], "big") if more else content[1]
    return content[0], size, 2 + more


def _number(value: int) -> bytes:
    return encode(INTEGER, bytes([value]))


def _send(connection: socket.socket, number: int, operation: bytes) -> None:
    connection.sendall(encode(SEQUENCE, _number(number) + operation))


def _receive(connection: socket.socket, number: int) -> Item:
    """The operation of the next message, which answers the request of this number."""
    head = _read(connection, 2)
    more = head[1] & 0x7F if head[1] & 0x80 else 0
    head += _read(connection, more) if 0 < more <= 4 else b""
    tag, size, _ = _header(head)
    if tag != SEQUENCE or size > LARGEST:
        raise DirectoryRefused("Its answer is no LDAP.")
    items = list(decode(_read(connection, size)))
    if len(items) < 2 or items[0] != Item(INTEGER, bytes([number])):
        raise DirectoryRefused("Its answer is no LDAP.")
    return items[1]


def _read(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise DirectoryRefused("It closed the connection.")
        received += part
    return received


def _check(answer: Item, tag: int) -> None:
    items = list(decode(answer.content)) if answer.tag == tag else []
    if not items or items[0].tag != ENUMERATED:
        raise DirectoryRefused("Its answer is no LDAP.")
    result = int.from_bytes(items[0].content, "big")
    if result:
        raise DirectoryRefused(RESULTS.get(result, f"It refused with LDAP result {result}."))


def _values(entry: Item) -> list[str]:
    """Of the first attribute, which is the only one that was asked for."""
    parts = list(decode(entry.content))
    attributes = list(decode(parts[1].content)) if len(parts) > 1 else []
    if not attributes:
        return []
    kind_and_values = list(decode(attributes[0].content))
    values = decode(kind_and_values[1].content) if len(kind_and_values) > 1 else iter(())
    return [value.content.decode(errors="replace") for value in values]
