"""What podman says, and what is made of it; a program of that name stands for the real one."""

import json
from pathlib import Path
from typing import Any

import pytest

from nodes.agent.inventory import podman as engine
from nodes.agent.inventory.podman import Podman, PodmanFailed

EVERYWHERE = "0.0.0.0"  # noqa: S104 - as podman writes it
CONTAINER = {
    "Id": "8cd9b78945be3a9c97dfc4aed31b03fd282b71ad",
    "Names": ["openldap"],
    "Image": "localhost/ldap:1",
    "State": "Running",
    "Status": "Up 5 minutes",
    "IsInfra": False,
    "Labels": {"flotilla.role": "account-provider", "flotilla.domain": "example.org"},
    "Ports": [
        {"host_ip": "", "container_port": 389, "host_port": 20389, "range": 1, "protocol": "tcp"}
    ],
}


class Machine:
    """A machine whose podman answers what a test says."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory, self.storage = directory, directory / "storage"
        (self.storage / "libpod").mkdir(parents=True)
        self.says(ps=[], pods=[])
        path = f"{directory}:/usr/bin:/bin"
        monkeypatch.setenv("PATH", path)
        monkeypatch.setattr(engine, "ENVIRONMENT", {"PATH": path})

    def says(self, *, ps: Any, pods: Any) -> None:
        self.script(
            f"info) echo {self.storage} ;;\n"
            f"ps) cat <<'END'\n{json.dumps(ps)}\nEND\n;;\n"
            f"pod) cat <<'END'\n{json.dumps(pods)}\nEND\n;;"
        )

    def script(self, cases: str) -> None:
        path = self.directory / "podman"
        path.write_text(f'#!/bin/sh\ncase "$1" in\n{cases}\nesac\n')
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def only(machine: Machine, **changes: Any) -> Any:
    machine.says(ps=[CONTAINER | changes], pods=[])
    [found] = Podman().applications()
    return found


def test_container_is_told_as_podman_knows_it(machine: Machine) -> None:
    """S14, S16."""
    found = only(machine)

    assert (found.engine, found.name, found.image) == (
        "container",
        "openldap",
        "localhost/ldap:1",
    )
    assert (found.state, found.ports) == ("running", ("20389->389/tcp",))
    assert found.labels == CONTAINER["Labels"]


@pytest.mark.parametrize(
    ("port", "text"),
    [
        ({"host_port": 53, "container_port": 53, "protocol": "udp"}, "53->53/udp"),
        (
            {"host_ip": "127.0.0.1", "host_port": 80, "container_port": 8080},
            "127.0.0.1:80->8080/tcp",
        ),
        (
            {"host_ip": EVERYWHERE, "host_port": 80, "container_port": 90, "range": 3},
            "80-82->90-92/tcp",
        ),
    ],
)
def test_port_is_written_as_people_read_it(
    port: dict[str, Any], text: str, machine: Machine
) -> None:
    assert only(machine, Ports=[port]).ports == (text,)


def test_container_without_ports_and_labels_has_none(machine: Machine) -> None:
    found = only(machine, Ports=None, Labels=None)

    assert (found.ports, found.labels) == ((), {})


def test_stopped_container_is_told_too(machine: Machine) -> None:
    assert only(machine, State="exited").state == "exited"


def test_container_without_a_name_goes_by_its_id(machine: Machine) -> None:
    assert only(machine, Names=[]).name == "8cd9b78945be"


def test_pod_is_told_without_what_holds_it_together(machine: Machine) -> None:
    pod = {"Name": "mail", "Status": "Degraded", "Labels": {"a": "b"}}
    machine.says(ps=[CONTAINER | {"IsInfra": True}], pods=[pod])

    [found] = Podman().applications()

    assert (found.engine, found.name, found.state, found.labels) == (
        "pod",
        "mail",
        "degraded",
        {"a": "b"},
    )


def test_text_is_made_printable_and_cut(machine: Machine) -> None:
    found = only(machine, Image="a\x1b[31m" + "b" * 400, Labels={"k\n": "v" * 900})

    assert found.image == "a?[31m" + "b" * 294
    assert found.labels == {"k?": "v" * 256}


def test_machine_without_podman_has_no_containers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert (Podman().applications(), Podman().marks()) == ([], ())


@pytest.mark.parametrize(
    ("cases", "words", "seconds"),
    [
        ("*) echo 'no storage' >&2; exit 125 ;;", "no storage", engine.SECONDS),
        ("info) echo /x ;;\n*) echo '{nonsense' ;;", "no JSON", engine.SECONDS),
        ("info) echo /x ;;\n*) printf '\\377' ;;", "podman ps", engine.SECONDS),
        ("*) exec sleep 5 ;;", "timed out", 0.2),
    ],
    ids=["refuses", "nonsense", "no text", "hangs"],
)
def test_podman_that_fails_is_said(
    cases: str, words: str, seconds: float, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SECONDS", seconds)
    machine.script(cases)

    with pytest.raises(PodmanFailed, match=words):
        Podman().applications()


def test_answer_of_another_shape_is_no_application(machine: Machine) -> None:
    machine.says(ps={"not": "a list"}, pods=[7])

    assert Podman().applications() == []


def test_change_is_seen_without_asking(machine: Machine) -> None:
    podman = Podman()
    podman.applications()
    before = podman.marks()

    (machine.storage / "libpod" / "bolt_state.db").write_text("changed")

    assert podman.marks() != before
