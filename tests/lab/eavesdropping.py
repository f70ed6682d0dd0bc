"""What anybody on the machines could have seen or found while a lab was at work."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import namespaces
from tests.lab.host import Host
from tests.lab.lab import Lab

EVERY_SECONDS = 0.05
OWN_KEYS = (
    *("identity.key", "sealing.key", "wireguard.key"),
    *("django-secret-key", "field-encryption-key", "key.pem"),
)
"""Files that are there to hold a secret; each may hold its own."""


@dataclass
class Overheard:
    """Texts by where they were seen: processes' arguments and environments, brokers' messages."""

    seen: dict[str, set[bytes]] = field(default_factory=dict)

    def note(self, where: str, text: bytes) -> None:
        self.seen.setdefault(where, set()).add(text)

    def find(self, secrets: Mapping[str, str]) -> set[tuple[str, str]]:
        """Each secret that was seen, and where."""
        return {
            (name, where)
            for where, texts in self.seen.items()
            for name, secret in secrets.items()
            if any(secret.encode() in text for text in texts)
        }


@contextlib.contextmanager
def eavesdropping(lab: Lab) -> Iterator[Overheard]:
    """Look at every process again and again, and listen to every broker."""
    heard, over = Overheard(), threading.Event()
    work = [
        threading.Thread(target=_look, args=(lab, heard, over)),
        *(threading.Thread(target=_listen, args=(host, heard, over)) for host in lab.hosts),
    ]
    for thread in work:
        thread.start()
    try:
        yield heard
    finally:
        over.set()
        for thread in work:
            thread.join(timeout=10)


def _look(lab: Lab, heard: Overheard, over: threading.Event) -> None:
    """``ps``, and the environment that only root may see."""
    while not over.wait(EVERY_SECONDS):
        for host in lab.hosts:
            for pid in namespaces.processes(host.namespace):
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        heard.note(name, Path(f"/proc/{pid}/{name}").read_bytes())


def _listen(host: Host, heard: Overheard, over: threading.Event) -> None:
    """Every command that the broker is given, with the tasks and their arguments in it."""
    with socket.socket(socket.AF_UNIX) as broker:
        broker.connect(str(host.state_dir / "run" / "broker.sock"))
        broker.settimeout(1)
        broker.sendall(b"MONITOR\r\n")
        said = b""
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                *whole, said = (said + broker.recv(65536)).split(b"\n")
                for line in whole:
                    heard.note("broker", line)


def find_in_files(host: Host, secrets: Mapping[str, str]) -> set[tuple[str, str]]:
    """Each secret that is in a file of the host's, and in which; a key's own file apart."""
    found = set()
    for path in sorted(host.state_dir.rglob("*")):
        if path.is_file() and path.name not in OWN_KEYS:
            content = path.read_bytes()
            where = str(path.relative_to(host.state_dir))
            found |= {
                (name, where) for name, secret in secrets.items() if secret.encode() in content
            }
    return found


def own_keys(host: Host) -> dict[str, str]:
    """The secrets that the host made for itself."""
    files = (path for path in host.state_dir.rglob("*") if path.name in OWN_KEYS)
    return {f"{host.name} {path.name}": _heart(path.read_text()) for path in files}


def _heart(text: str) -> str:
    """The longest line: what is around it in a key's file is no secret."""
    return max(text.split(), key=len)
