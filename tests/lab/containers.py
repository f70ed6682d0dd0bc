"""Containers on the lab's hosts, by podman: each host has its own, on its own network."""

import contextlib
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tests.lab.machine import Machine

IMAGE = "localhost/site:1"
PORT = 8080
AT_ONCE = "--change=STOPSIGNAL SIGKILL"
"""The first process of a container ignores what it has no handler for: stopping takes 10 s then."""
GET = ("busybox", "wget", "-q", "-O-")


def serve(machine: Machine, name: str, *, says: str, labels: dict[str, str] | None = None) -> None:
    """Run a container that answers every GET of ``/`` on port 8080 with ``says``."""
    make_image(machine, says=says)
    marks = [f"--label={key}={value}" for key, value in (labels or {}).items()]
    machine.exec("podman", "run", "--detach", f"--name={name}", *marks, IMAGE)


def save(machine: Machine) -> bytes:
    """The image as an archive; the machine itself forgets it."""
    archive = machine.directory / "saved.tar"
    machine.exec("podman", "save", "--quiet", "--output", str(archive), IMAGE)
    machine.exec("podman", "rmi", "--force", IMAGE)
    content = archive.read_bytes()
    archive.unlink()
    return content


def remove(machine: Machine, name: str) -> None:
    """End a container and forget it."""
    machine.exec("podman", "rm", "--force", "--time=0", name)


def answer(machine: Machine) -> str:
    """What the host's container says, asked on the host itself."""
    return machine.exec(*GET, f"http://127.0.0.1:{PORT}/", check=False).stdout


def make_image(machine: Machine, *, says: str) -> None:
    """An image of one program, made here: no registry is asked."""
    page, archive = machine.directory / "index.html", machine.directory / "site.tar"
    page.write_text(says)
    busybox = shutil.which("busybox")
    assert busybox, "busybox-static is not installed"
    with tarfile.open(archive, "w") as tar:
        tar.add(busybox, "bin/busybox")
        tar.add(page, "www/index.html")
    command = f'CMD ["/bin/busybox","httpd","-f","-p","{PORT}","-h","/www"]'
    changes = (f"--change={command}", AT_ONCE)
    machine.exec("podman", "import", "--quiet", *changes, str(archive), IMAGE)


@contextlib.contextmanager
def small_storage(machine: Machine, *, kib: int) -> Iterator[Path]:
    """Podman has an empty storage of that size; what it had before is there again afterwards."""
    storage = machine.directory / "container-storage"
    machine.exec("mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(storage))
    try:
        yield storage
    finally:
        machine.exec("umount", str(storage))
