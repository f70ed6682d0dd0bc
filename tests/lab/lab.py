"""A lab as a whole: hosts on a bridge, made, found again and taken down."""

import json
import re
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab import membership, namespaces, provision
from tests.lab.client import ETC_NETNS, Client
from tests.lab.host import Host
from tests.lab.machine import Machine

NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
NETWORK = "192.0.2"
CLIENT = 254
MOST_HOSTS = 200


class LabError(Exception):
    """Something that the person at the keyboard can put right."""


@dataclass(frozen=True)
class Lab:
    """Hosts, and the client machine from which people reach them."""

    name: str
    hosts: tuple[Host, ...]
    client: Client

    @property
    def directory(self) -> Path:
        """Everything of the lab on the disk."""
        return directory_of(self.name)

    def host(self, name: str) -> Host:
        """The host of that name."""
        for host in self.hosts:
            if host.name == name:
                return host
        known = ", ".join(host.name for host in self.hosts)
        raise LabError(f"The lab {self.name} has no host {name}; it has {known}.")

    def machine(self, name: str) -> Machine:
        """The host of that name, or ``client``."""
        return self.client if name == self.client.name else self.host(name)

    @property
    def template(self) -> Path:
        """The prepared state directory that new hosts begin with."""
        return self.directory / "template"

    def start_new(self, host: Host) -> None:
        """Make a host as after an installation: prepared, started, its password changed."""
        if host.is_on and any(host.pids().values()):
            host.cut_power()
        if not host.is_on:
            host.boot()
        provision.prepare(host, template=self.template)
        host.start()
        host.wait_until_ready()
        provision.set_password(host, template=self.template)

    def describe(self) -> dict[str, Any]:
        """The JSON of ``status`` and ``up``."""
        return {"name": self.name, "hosts": in_parallel(Host.describe, self.hosts)}

    def add_machine(self, name: str, *, number: int) -> Machine:
        """Boot a machine without the product: a stranger in the same network."""
        machine = Machine(self.name, name, f"{NETWORK}.{number}", self.directory / name)
        machine.directory.mkdir()
        shutil.copy(self.client.directory / "hosts", machine.directory / "hosts")
        machine.boot()
        return machine


def directory_of(name: str) -> Path:
    """Short, because it ends in unix sockets."""
    return Path("/tmp") / f"flotilla-lab-{name}"


def load(name: str) -> Lab:
    """A lab that is up."""
    _check_name(name)
    try:
        spec = json.loads((directory_of(name) / "lab.json").read_text())
    except FileNotFoundError:
        raise LabError(f"There is no lab {name}. Start it with: up --name {name}") from None
    return _build(name, nodes=spec["nodes"])


def up(
    name: str,
    *,
    nodes: int,
    joined: int | None = None,
    kept: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Lab:
    """Start a lab and join the first ``joined`` hosts (all of them unless said otherwise).

    Labs that are given the same ``kept`` directory have their hosts prepared from one template.
    """
    _check_name(name)
    if not 1 <= nodes <= MOST_HOSTS:
        raise LabError(f"A lab has 1 to {MOST_HOSTS} hosts.")
    if directory_of(name).exists() or namespaces.named(name):
        raise LabError(f"The lab {name} exists. Take it down first: down --name {name}")
    lab = _build(name, nodes=nodes)
    _plug_in(lab)
    say(f"{nodes} hosts have power")
    _start(lab, kept=kept)
    say("their consoles answer")
    _join(lab.hosts[: nodes if joined is None else joined], say=say)
    return lab


def down(name: str) -> None:
    """Take a lab down, whatever is left of it."""
    _check_name(name)
    for namespace in namespaces.named(name):
        namespaces.kill_all(namespace)
        namespaces.delete(namespace)
    shutil.rmtree(ETC_NETNS / f"{name}-client", ignore_errors=True)
    if directory_of(name).exists():
        shutil.rmtree(directory_of(name))


def in_parallel(action: Callable[[Host], Any], hosts: Iterable[Host]) -> list[Any]:
    """Do the same on several hosts at once."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(action, hosts))


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise LabError("A lab's name has up to 16 small letters and digits, a letter first.")


def _build(name: str, *, nodes: int) -> Lab:
    directory = directory_of(name)
    hosts = tuple(
        Host(name, f"node{number}", f"{NETWORK}.{number}", directory / f"node{number}")
        for number in range(1, nodes + 1)
    )
    client = Client(name, "client", f"{NETWORK}.{CLIENT}", directory / "client")
    return Lab(name, hosts, client)


def _plug_in(lab: Lab) -> None:
    names = "127.0.0.1 localhost\n" + "".join(
        f"{host.address} {host.fqdn} {host.name}\n" for host in lab.hosts
    )
    lab.directory.mkdir(mode=0o755)
    (lab.directory / "lab.json").write_text(json.dumps({"nodes": len(lab.hosts)}))
    namespaces.add_switch(lab.name)
    for machine in (*lab.hosts, lab.client):
        machine.directory.mkdir()
        (machine.directory / "hosts").write_text(names)
        machine.boot()


def _start(lab: Lab, *, kept: Path | None) -> None:
    if kept:
        provision.copy_template(lab.hosts[0], kept=kept, into=lab.template)
    else:
        provision.make_template(lab.hosts[0], into=lab.template)
    in_parallel(lab.start_new, lab.hosts)


def _join(hosts: tuple[Host, ...], *, say: Callable[[str], None]) -> None:
    for host in hosts[:1]:
        membership.create(host, max_nodes=len(hosts) if len(hosts) > 4 else None)
        say(f"{host.name} leads")
    for host in hosts[1:]:
        membership.join(host, leader=hosts[0])
        say(f"{host.name} joined")
