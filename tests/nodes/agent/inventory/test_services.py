"""Services that carry a Flotilla drop-in."""

from pathlib import Path

import pytest

from nodes.agent.inventory.services import Services

DROP_IN = """
# put here by Flotilla
[Service]
Label=not.ours=1
[X-Flotilla]
Label=flotilla.role=account-provider
Label = ignored
Label=flotilla.domain=example.org
[Unit]
Label=not.ours=2
"""


class System:
    """Units and control groups below a directory."""

    def __init__(self, directory: Path) -> None:
        self.units, self.groups = directory / "units", directory / "groups"
        self.units.mkdir()
        self.groups.mkdir()
        self.services = Services(units=self.units, groups=(self.groups,))

    def add(self, service: str, *, file: str = "flotilla.conf", text: str = DROP_IN) -> None:
        path = self.units / f"{service}.d" / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def run(self, service: str, *, below: str = ".", processes: str = "17\n") -> None:
        group = self.groups / service / below
        group.mkdir(parents=True)
        (group / "cgroup.procs").write_text(processes)


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_service_with_a_drop_in_is_an_application(system: System) -> None:
    """S14, S16."""
    system.add("samba.service")

    [found] = system.services.applications()

    assert (found.engine, found.name) == ("service", "samba.service")
    assert found.labels == {
        "flotilla.role": "account-provider",
        "flotilla.domain": "example.org",
    }


@pytest.mark.parametrize("file", ["override.conf", "flotilla.txt"])
def test_other_drop_in_makes_no_application(file: str, system: System) -> None:
    system.add("samba.service", file=file)

    assert system.services.applications() == []


def test_several_drop_ins_are_one_application(system: System) -> None:
    system.add("samba.service", file="10-flotilla.conf", text="[X-Flotilla]\nLabel=a=1\nLabel=b=1")
    system.add("samba.service", file="20-flotilla.conf", text="[X-Flotilla]\nLabel=b=2")

    [found] = system.services.applications()

    assert found.labels == {"a": "1", "b": "2"}


@pytest.mark.parametrize("below", [".", "workers/one"])
def test_service_with_processes_is_active(below: str, system: System) -> None:
    system.add("samba.service")
    system.run("samba.service", below=below)

    assert system.services.applications()[0].state == "active"


def test_service_without_processes_is_inactive(system: System) -> None:
    system.add("samba.service")
    system.run("samba.service", processes="\n")

    assert system.services.applications()[0].state == "inactive"


def test_machine_without_systemd_does_not_know(system: System) -> None:
    system.add("samba.service")
    system.groups.rmdir()

    assert system.services.applications()[0].state == "unknown"


def test_machine_without_units_has_no_services(tmp_path: Path) -> None:
    assert Services(units=tmp_path / "none").applications() == []
