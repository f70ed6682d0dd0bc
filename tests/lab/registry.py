"""A container registry on a host of the lab: Debian's ``docker-registry``, for that host alone."""

import contextlib
from collections.abc import Iterator

from tests.lab.machine import Machine
from tests.lab.waiting import eventually

OPEN, GUARDED, SILENT = 5000, 5001, 5002
"""Ports: for everybody, for whoever has logged in, and of none at all."""
CONFIG = """
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {directory}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
RUN = 'echo $$ >"$1.pid"; exec docker-registry serve "$1"'
LOGIN = "auth: {{htpasswd: {{realm: lab, path: {file}}}}}\n"
USER, PASSWORD = "mate", "ahoy-ahoy"
HASHED = "$2y$05$abcdefghijklmnopqrstuuCcp03JbMGTExirBoutcx6eeW.V/ZmBq"
"""The password by bcrypt, which is all that the registry takes."""


def reference(port: int, name: str) -> str:
    """An image there."""
    return f"localhost:{port}/{name}"


@contextlib.contextmanager
def serving(machine: Machine) -> Iterator[None]:
    """Both of them, while it lasts; podman on the machine may speak to them without TLS."""
    settings = machine.directory / "containers" / "registries.conf"
    ports = (OPEN, GUARDED, SILENT)
    settings.write_text(
        "".join(f'[[registry]]\nlocation = "localhost:{p}"\ninsecure = true\n' for p in ports)
    )
    for port in (OPEN, GUARDED):
        _start(machine, port)
    try:
        eventually(lambda: _answers(machine, OPEN) and _answers(machine, GUARDED), within=10)
        yield
    finally:
        for noted in machine.directory.glob("registry-*.pid"):
            machine.exec("kill", noted.read_text().strip())
        settings.unlink()


def push(machine: Machine, image: str, *, name: str) -> None:
    """Have both hold an image, and the machine itself forget it and its login."""
    log_in(machine)
    for port in (OPEN, GUARDED):
        machine.exec("podman", "push", "--quiet", image, reference(port, name))
    machine.exec("podman", "logout", "--all")
    machine.exec("podman", "rmi", "--force", image)


def log_in(machine: Machine) -> None:
    """As root does it there."""
    known = ("--username", USER, "--password-stdin", f"localhost:{GUARDED}")
    machine.exec("podman", "login", *known, stdin=PASSWORD)


def _start(machine: Machine, port: int) -> None:
    file = machine.directory / f"registry-{port}.yml"
    directory = machine.directory / f"registry-{port}"
    text = CONFIG.format(directory=directory, port=port)
    people = file.with_suffix(".htpasswd")
    people.write_text(f"{USER}:{HASHED}\n")
    file.write_text(text + (LOGIN.format(file=people) if port == GUARDED else ""))
    machine.spawn("sh", "-c", RUN, "sh", str(file), log=file.with_suffix(".log"))


def _answers(machine: Machine, port: int) -> bool:
    return bool(machine.exec("ss", "-Hltn", f"sport = :{port}").stdout.strip())
