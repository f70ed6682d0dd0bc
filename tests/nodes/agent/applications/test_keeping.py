"""What shall run is started again, by whomever it was ended (S21)."""

import threading
from pathlib import Path
from typing import Any

import pytest

from nodes.agent.applications import health, processes
from nodes.agent.applications.entries import Entries, Entry
from nodes.agent.applications.errors import ApplicationError
from nodes.agent.applications.podman import Podman
from nodes.agent.applications.quadlet import unit
from nodes.agent.applications.supervision import OwnSupervision, Quadlet, Supervision, choose
from tests.nodes.agent.applications.conftest import Yard
from tests.nodes.agent.applications.engine import FakePodman


def state(yard: Yard) -> str:
    return str(yard.podman.containers["web"]["State"])


def test_ended_container_is_started_again_with_its_logs(yard: Yard) -> None:
    yard.install()
    yard.podman.end("web")
    yard.shipyard.keeper.look()
    assert state(yard) == "running"
    assert yard.podman.calls[-2] == ("podman", "start", "web")


def test_deleted_container_is_made_again_after_a_reboot(yard: Yard) -> None:
    """Nothing of the agent's memory is left either."""
    yard.install(environment={"A": "1"})
    yard.podman.containers.clear()
    yard.boot().keeper.look()
    assert "--env=A=1" in yard.podman.started("web")
    assert yard.standing["web"]["state"] == "running"


def test_running_container_costs_no_process(yard: Yard) -> None:
    yard.install()
    yard.shipyard.keeper.look()
    before = len(yard.podman.calls)
    yard.shipyard.keeper.look()
    assert len(yard.podman.calls) == before


def test_stopped_application_costs_no_process_either_but_once_in_a_while(yard: Yard) -> None:
    """Who starts it by hand is answered within a minute."""
    yard.install()
    yard.set_state("stopped")
    keeper = yard.shipyard.keeper
    keeper._monotonic = lambda: 1000.0
    keeper.look()
    before = len(yard.podman.calls)
    yard.podman.run("podman", "start", "web")
    keeper.look()
    assert len(yard.podman.calls) == before + 1
    keeper._monotonic = lambda: 1061.0
    keeper.look()
    assert state(yard) == "exited"


def test_stopped_application_stays_stopped(yard: Yard) -> None:
    yard.install()
    yard.set_state("stopped")
    yard.boot().keeper.look()
    assert state(yard) == "exited"
    assert yard.standing["web"]["state"] == "stopped"


def test_application_that_ends_again_and_again_is_not_started_all_the_time(yard: Yard) -> None:
    yard.install()
    keeper = yard.shipyard.keeper
    keeper._monotonic = lambda: 1000.0
    for _ in range(3):
        yard.podman.end("web")
        keeper.look()
    assert yard.podman.calls.count(("podman", "start", "web")) == 1
    assert yard.standing["web"]["detail"] == "It ends again and again."


def test_application_that_is_being_changed_is_left_alone(yard: Yard) -> None:
    yard.install()
    yard.podman.end("web")
    with yard.shipyard.standings.holding("web"):
        yard.shipyard.keeper.look()
    assert state(yard) == "exited"


def test_removal_waits_for_the_keeper_so_that_nothing_is_started_after_it(yard: Yard) -> None:
    """S21: one that ends again and again is started just as somebody has had enough of it."""
    yard.install()
    yard.podman.containers.clear()
    removal = threading.Thread(target=yard.remove)

    def begin_removal() -> None:
        removal.start()
        removal.join(timeout=0.2)

    yard.podman.before_run = begin_removal
    yard.shipyard.keeper.look()
    removal.join()
    assert yard.podman.containers == {}
    assert yard.entries.all() == []


def test_one_application_that_cannot_be_looked_at_harms_no_other(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_fault(entry: Entry) -> str:
        if entry.name == "bad":
            raise ValueError("unheard of")
        return ""

    yard.install(name="bad")
    yard.install()
    monkeypatch.setattr(health, "find_fault", find_fault)
    yard.podman.end("web")
    yard.shipyard.keeper.look()
    assert state(yard) == "running"
    assert yard.standing["bad"]["detail"] == "unheard of"


def test_process_may_call_itself_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is its own choice, and need not be text: prctl(2), PR_SET_NAME."""
    (tmp_path / "7").mkdir()
    fields = b" ".join(b"%d" % number for number in range(4, 30))
    (tmp_path / "7" / "stat").write_bytes(b"7 (\xff) R 1) S " + fields)
    monkeypatch.setattr(processes, "PROC", tmp_path)
    assert processes.born(7) == "22"


def test_sickness_is_told_and_so_is_recovery(yard: Yard) -> None:
    http = {"kind": "http", "port": 80}
    yard.install(ports=[{"container": 80}], health=http)
    yard.faults["web"] = "port 80 does not answer."
    yard.shipyard.keeper.look()
    told = yard.told
    assert yard.standing["web"]["health"] == "unhealthy"
    yard.faults.clear()
    yard.shipyard.keeper.look()
    assert (yard.standing["web"]["health"], yard.told) == ("healthy", told + 1)


def test_damaged_definition_is_left_where_it_is(yard: Yard) -> None:
    yard.install()
    path = yard.directory / "applications" / "web" / "definition.json"
    path.write_text("{")
    yard.boot().keeper.look()
    assert yard.standing == {}
    assert state(yard) == "running"


@pytest.fixture
def quadlet(yard: Yard, tmp_path: Path) -> Quadlet:
    entries = Entries(yard.directory / "applications")
    return Quadlet(Systemctl(), Podman(yard.podman), entries, units=tmp_path / "units")


class Systemctl(FakePodman):
    """Knows ``systemctl`` too."""

    def run(self, *arguments: str, **options: object) -> str:
        self.calls.append(arguments)
        return ""


def test_systemd_gets_one_unit_an_application(yard: Yard, quadlet: Quadlet, tmp_path: Path) -> None:
    yard.install(
        environment={"GREETING": 'say "hi" for 5 % of $HOME'},
        ports=[{"container": 80, "host": 8080, "bind": "local"}],
        volumes=[{"name": "data", "path": "/data"}],
        secrets={"TOKEN": "x"},
        command=["serve", "a b"],
        memory=64,
    )
    entry = yard.entries.all()[0]
    quadlet.start(entry)

    text = (tmp_path / "units" / "flotilla-web.container").read_text()
    assert text == unit(entry, yard.entries)
    assert "Secret=flotilla-web.TOKEN.1,type=env,target=TOKEN" in text
    assert 'Environment="GREETING=say \\"hi\\" for 5 %% of $$HOME"' in text
    assert "PublishPort=127.0.0.1:8080:80/tcp" in text
    assert "PodmanArgs=--pull=never --memory=64m" in text
    assert 'Exec="serve" "a b"' in text
    assert "Restart=always" in text


HOSTILE = {
    "specifier": ("50 % of %h", '"50 %% of %%h"'),
    "quote": ('a" ExecStartPre="/bin/sh', '"a\\" ExecStartPre=\\"/bin/sh"'),
    "backslash": ("a\\", '"a\\\\"'),
    "variable": ("${HOME} $HOME", '"$${HOME} $$HOME"'),
    "section": ("[Service] ExecStart=/bin/sh", '"[Service] ExecStart=/bin/sh"'),
}


@pytest.mark.parametrize(("value", "word"), HOSTILE.values(), ids=list(HOSTILE))
def test_value_stays_in_its_line_of_the_unit(yard: Yard, value: str, word: str) -> None:
    """systemd.syntax(7): it is one word, whatever it says."""
    yard.install(command=[value], environment={"A": value})
    lines = unit(yard.entries.all()[0], yard.entries).splitlines()
    assert f"Exec={word}" in lines
    assert f'Environment="A={word[1:]}' in lines
    assert [line for line in lines if line.startswith("[")] == [
        "[Unit]",
        "[Container]",
        "[Service]",
        "[Install]",
    ]


@pytest.mark.parametrize("place", ["command", "environment"])
def test_value_of_two_lines_is_no_value(yard: Yard, place: str) -> None:
    """It would be a line of the unit of its own."""
    two = "a\nExecStartPre=/bin/sh"
    values: Any = {"command": [two], "environment": {"A": two}}
    with pytest.raises(ApplicationError, match="one line"):
        yard.install(**{place: values[place]})


@pytest.mark.parametrize(("made", "said"), [(OwnSupervision, "agent"), (Quadlet, "systemd")])
def test_who_keeps_it_is_told(yard: Yard, made: type[Supervision], said: str) -> None:
    yard.install()
    assert made.kind == said
    assert yard.standing["web"]["kept_by"] == "agent"


def test_systemd_reads_units_anew_only_when_they_differ(yard: Yard, tmp_path: Path) -> None:
    yard.install()
    tool, [entry] = Systemctl(), yard.entries.all()
    quadlet = Quadlet(tool, Podman(yard.podman), yard.entries, units=tmp_path)
    quadlet.start(entry)
    quadlet.start(entry)
    quadlet.forget("web")
    assert tool.calls == [
        ("systemctl", "daemon-reload"),
        ("systemctl", "restart", "flotilla-web.service"),
        ("systemctl", "start", "flotilla-web.service"),
        ("systemctl", "stop", "flotilla-web.service"),
        ("systemctl", "daemon-reload"),
    ]
    assert list(tmp_path.glob("*.container")) == []


@pytest.mark.parametrize("has_generator", [True, False])
@pytest.mark.parametrize("has_systemd", [True, False])
def test_quadlet_needs_podmans_generator_and_systemd(
    yard: Yard, tmp_path: Path, has_generator: bool, has_systemd: bool
) -> None:
    """Debian 12 has podman 4.3, which has no Quadlet."""
    generator, systemd = tmp_path / "generator", tmp_path / "systemd"
    generator.touch() if has_generator else None
    systemd.mkdir() if has_systemd else None
    held = (yard.podman, Podman(yard.podman), yard.entries)
    chosen = choose(*held, generator=generator, systemd=systemd)
    assert isinstance(chosen, Quadlet if has_generator and has_systemd else OwnSupervision)
