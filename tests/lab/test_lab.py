"""The lab itself: what its other tests stand on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.lab import lab as labs
from tests.lab import namespaces
from tests.lab.lab import Lab, LabError
from tests.lab.machine import PROJECT, MachineIsOff
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab


def pings(lab: Lab, source: str, target: str) -> bool:
    """Whether one packet comes back."""
    done = lab.machine(source).exec("ping", "-c1", "-W1", "-q", f"{target}.lab.test", check=False)
    return done.returncode == 0


@pytest.fixture(scope="module")
def bare(make_lab: Callable[..., Lab]) -> Lab:
    """Two hosts that run the product and belong to no cluster."""
    return make_lab(nodes=2, joined=0)


@pytest.fixture
def healed(bare: Lab) -> Iterator[Lab]:
    """The same, and healed afterwards."""
    yield bare
    bare.host("node2").heal_link()


def test_status_describes_each_host(bare: Lab) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.lab", "status", "--json", "--name", bare.name],
        capture_output=True,
        check=True,
    )
    described = json.loads(done.stdout)
    assert described["name"] == bare.name
    first = described["hosts"][0]
    assert {key: first[key] for key in ("name", "fqdn", "address", "url", "role", "node_id")} == {
        "name": "node1",
        "fqdn": "node1.lab.test",
        "address": "192.0.2.1",
        "url": "https://node1.lab.test:8443",
        "role": "uninitialised",
        "node_id": None,
    }
    assert set(first["pids"]) == {"web", "celery", "agent", "broker"}
    assert all(os.path.exists(f"/proc/{pid}") for pid in first["pids"].values())


@pytest.mark.parametrize("where", ["before", "after"])
def test_exec_runs_in_the_projects_root_with_the_hosts_environment(bare: Lab, where: str) -> None:
    name = ["--name", bare.name]
    ours = [*name, "exec", "node2"] if where == "before" else ["exec", "node2", *name]
    said = subprocess.run(
        [sys.executable, "-m", "tests.lab", *ours, "--", "sh", "-c", "pwd; echo $FLOTILLA_FQDN"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [str(PROJECT), "node2.lab.test"]


def test_exec_ends_as_the_command_did(bare: Lab) -> None:
    line = ["exec", "node1", "--name", bare.name, "--", "sh", "-c", "exit 7"]
    done = subprocess.run([sys.executable, "-m", "tests.lab", *line], check=False)
    assert done.returncode == 7


def test_the_password_works_at_once(bare: Lab) -> None:
    host = bare.host("node1")
    assert host.log_in(**host.administrator)["must_change_password"] is False


def test_a_host_has_its_own_name_and_run_directory(bare: Lab) -> None:
    said = bare.host("node2").exec(
        "python", "-c", "import os, socket; print(socket.getfqdn(), os.path.exists('/run/netns'))"
    )
    assert said.stdout.split() == ["node2.lab.test", "False"]


def test_nothing_leaves_the_lab(bare: Lab) -> None:
    routes = bare.client.exec("ip", "-4", "route").stdout.splitlines()
    assert [route.split()[0] for route in routes] == ["192.0.2.0/24"]


def test_a_cut_host_is_silent_for_everybody_until_healed(healed: Lab) -> None:
    healed.host("node2").cut_link()
    assert not pings(healed, "client", "node2")
    assert not pings(healed, "node1", "node2")
    healed.host("node2").heal_link()
    assert pings(healed, "client", "node2")


def test_a_killed_process_is_started_again(bare: Lab) -> None:
    host = bare.host("node1")
    died = host.kill("celery")
    eventually(lambda: host.pids()["celery"] not in (None, died), within=15)


def test_a_stopped_process_stays_down_until_it_is_started(bare: Lab) -> None:
    host = bare.host("node1")
    host.stop("celery")
    assert host.pids()["celery"] is None
    host.start_process("celery")
    assert host.pids()["celery"] is not None


def test_a_power_cut_ends_everything_of_one_host_only(bare: Lab) -> None:
    host = bare.host("node2")
    host.cut_power()
    assert namespaces.processes(host.namespace) == []
    with pytest.raises(MachineIsOff):
        host.exec("true")
    assert all(bare.host("node1").pids().values())
    host.start()
    host.wait_until_ready()
    assert all(host.pids().values())


def test_a_lab_does_not_start_twice(bare: Lab) -> None:
    with pytest.raises(LabError, match="exists"):
        labs.up(bare.name, nodes=1)


def test_down_removes_what_a_crashed_start_left() -> None:
    name = f"t{os.getpid()}crash"
    labs._plug_in(labs._build(name, nodes=1))
    labs.down(name)
    assert namespaces.named(name) == []
    assert not labs.directory_of(name).exists()
