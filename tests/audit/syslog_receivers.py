"""Syslog receivers in threads of the test: real sockets, and messages taken apart by the RFC."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.certificates import make_self_signed

HEADER = re.compile(r"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (?=\[)")
PARAMETER = re.compile(r' ([^\s="\]]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"')


@dataclass(frozen=True)
class Message:
    """What RFC 5424 makes of a message."""

    priority: int
    time: str
    host: str
    kind: str
    name: str
    values: dict[str, str]
    text: str


def parse(data: bytes) -> Message:
    """Every byte is accounted for."""
    text = data.decode()
    head = HEADER.match(text)
    assert head, text
    priority, time, host, application, process, kind = head.groups()
    assert (application, process) == ("flotilla", "-")
    name = re.compile(r"\[([^\s=\"\]]{1,32})").match(text, head.end())
    assert name
    place, values = name.end(), {}
    while found := PARAMETER.match(text, place):
        values[found[1]] = re.sub(r'\\(["\\\]])', r"\1", found[2])
        place = found.end()
    assert text[place : place + 3] == "] \ufeff", text[place:]
    return Message(int(priority), time, host, kind, name[1], values, text[place + 3 :])


def unframe(data: bytes) -> Iterator[bytes]:
    """The messages of whole frames; a frame that broke off is left out (RFC 6587 3.4.1)."""
    while data:
        size, _, rest = data.partition(b" ")
        if not size or len(rest) < int(size):
            return
        yield rest[: int(size)]
        data = rest[int(size) :]


@dataclass
class FakeReceiver:
    """Takes connections one after the other; ``meet`` may treat each in its own way."""

    port: int
    taken: list[bytes] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Of the events that arrived, in order."""
        messages = (parse(each) for data in self.taken for each in unframe(data))
        return [int(message.values["id"]) for message in messages]

    def read_all(self, line: socket.socket) -> None:
        """As a good receiver does: until the end, which it answers."""
        data = b""
        while chunk := line.recv(65536):
            data += chunk
        self.taken.append(data)
        if isinstance(line, ssl.SSLSocket):
            with suppress(OSError):
                line.unwrap()


Meeting = Callable[[FakeReceiver, socket.socket], None]


@contextmanager
def receiving(
    meet: Meeting = FakeReceiver.read_all,
    *,
    tls: ssl.SSLContext | None = None,
    address: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[FakeReceiver]:
    """A receiver on this machine for as long as the context lasts."""
    with socket.create_server((address, port)) as server:
        receiver = FakeReceiver(server.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(server, receiver, meet, tls))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def _serve(
    server: socket.socket, receiver: FakeReceiver, meet: Meeting, tls: ssl.SSLContext | None
) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:
            return
        with suppress(OSError), line:
            line.settimeout(10)
            with tls.wrap_socket(line, server_side=True) if tls else line as secured:
                meet(receiver, secured)


def reset(line: socket.socket) -> None:
    """As a process that is killed with unread data: RST instead of FIN."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    line.close()


def make_tls(directory: Path, *, name: str = "localhost") -> tuple[ssl.SSLContext, str]:
    """A receiver's side with a certificate of its own, and that certificate."""
    certificate, key = directory / "cert.pem", directory / "key.pem"
    make_self_signed(fqdn=name, certificate=certificate, key=key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate.read_text()
