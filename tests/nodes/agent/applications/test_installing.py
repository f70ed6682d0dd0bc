"""Installing, changing and removing: it works, or everything is as it was."""

from typing import Any

import pytest

from nodes.agent.applications import arguments
from nodes.agent.applications.errors import (
    ApplicationError,
    DiskFull,
    EngineFailed,
    HostNetworkRefused,
    HostPathRefused,
    ImageNotFound,
    NameTaken,
    PortTaken,
    PrivilegedRefused,
    SecretMissing,
    Superseded,
    Unhealthy,
)
from tests.nodes.agent.applications.conftest import Yard
from tests.nodes.agent.applications.engine import SITE

DATA = [{"name": "data", "path": "/data"}]
HTTP: dict[str, Any] = {
    "ports": [{"container": 80, "host": 8080}],
    "health": {"kind": "http", "port": 80},
}


class PowerCut(BaseException):
    """The agent ends here, as far as it can tell."""


def _power_cut() -> None:
    raise PowerCut


def _disk_full() -> None:
    raise EngineFailed(problem="podman pull: writing blob: no space left on device exit status 1")


def leftovers(yard: Yard) -> list[Any]:
    return [
        yard.podman.containers,
        yard.podman.volumes,
        yard.podman.secrets,
        yard.entries.all(),
        yard.standing,
    ]


NOTHING: list[Any] = [{}, set(), {}, [], {}]


def test_application_runs_with_what_was_wanted(yard: Yard) -> None:
    yard.install(
        **HTTP,
        environment={"MODE": "calm seas"},
        volumes=[*DATA, {"source": "conf", "path": "/etc/web", "read_only": True}],
        memory=64,
        role="account-provider",
        domain="example.org",
        command=["serve", "--now"],
    )

    assert yard.podman.started("web") == [
        "--detach",
        "--replace",
        "--pull=never",
        "--name=web",
        "--label=flotilla.application=web",
        "--label=flotilla.revision=1",
        "--label=flotilla.role=account-provider",
        "--label=flotilla.domain=example.org",
        "--env=MODE=calm seas",
        "--volume=flotilla-web.data:/data",
        f"--volume={yard.directory}/applications/web/paths/conf:/etc/web:ro",
        "--publish=8080:80/tcp",
        "--memory=64m",
        SITE,
        "serve",
        "--now",
    ]
    assert yard.standing["web"]["health"] == "healthy"
    assert (yard.directory / "applications/web/paths/conf").is_dir()


def test_without_a_journal_what_it_says_goes_to_a_file_that_is_shipped(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arguments, "has_journal", lambda: False)
    yard.install(**HTTP)
    path = yard.directory / "log" / "applications" / "web.log"
    assert f"--log-opt=path={path}" in yard.podman.started("web")
    assert path.parent.is_dir()


def test_image_cannot_make_itself_an_account_provider(yard: Yard) -> None:
    """S16: its own label of that name is overruled."""
    yard.install()
    assert {"--label=flotilla.role=", "--label=flotilla.domain="} <= set(yard.podman.started("web"))


def test_port_can_be_shown_in_the_vpn_or_locally_only(yard: Yard) -> None:
    ports = [{"container": 389, "bind": "vpn"}, {"container": 80, "bind": "local"}]
    yard.install(ports=ports)

    published = [word for word in yard.podman.started("web") if word.startswith("--publish")]
    assert published == ["--publish=10.5.4.2:389:389/tcp", "--publish=127.0.0.1:80:80/tcp"]


def test_vpn_port_without_a_vpn_address_is_not_opened_to_the_world(yard: Yard) -> None:
    yard.vpn_address = ""
    with pytest.raises(ApplicationError, match="no VPN address"):
        yard.install(ports=[{"container": 389, "bind": "vpn"}])
    assert leftovers(yard) == NOTHING


def test_secret_reaches_podman_and_no_argument_and_no_file(yard: Yard) -> None:
    yard.install(secrets={"PASSWORD": "hunter2-hunter2"})

    assert yard.podman.secrets == {"flotilla-web.PASSWORD.1": "hunter2-hunter2"}
    wanted = "--secret=flotilla-web.PASSWORD.1,type=env,target=PASSWORD"
    assert wanted in yard.podman.started("web")
    assert "hunter2" not in str(yard.podman.calls)
    kept = [path.read_text() for path in yard.directory.rglob("definition.json")]
    assert "hunter2" not in str(kept)


@pytest.mark.parametrize(
    ("value", "rule", "problem"),
    [
        ("short", {"minLength": 6}, "A has 6 to 8192 characters"),
        ("long", {"maxLength": 3}, "A has 1 to 3 characters"),
        ("word", {"pattern": "^[0-9]+$"}, "A is not of the form"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_secret_that_breaks_its_rule_is_refused_and_not_told(
    yard: Yard, value: str, rule: dict[str, Any], problem: str
) -> None:
    """The leader's own rules: the node checks them again when it opens the secret."""
    with pytest.raises(ApplicationError, match=problem) as refused:
        yard.install(secrets={"A": value}, secret_rules={"A": rule})
    assert (refused.value.field, value in refused.value.detail) == ("A", False)
    assert leftovers(yard) == NOTHING


def test_secret_is_kept_by_a_change_that_does_not_give_it(yard: Yard) -> None:
    yard.install(secrets={"A": "one", "B": "two"})
    yard.install(secrets={"A": "new"}, needs=["B"])

    assert yard.podman.secrets == {"flotilla-web.A.2": "new", "flotilla-web.B.1": "two"}


@pytest.mark.parametrize(
    ("error", "definition"),
    [
        (ImageNotFound, {"image": "docker.io/library/none:1"}),
        (ImageNotFound, {"archive": "broken.tar"}),
        (PortTaken, {"ports": [{"container": 22}]}),
        (NameTaken, {"name": "foreign"}),
        (SecretMissing, {"needs": ["PASSWORD"]}),
        (PrivilegedRefused, {"privileged": True}),
        (HostNetworkRefused, {"network": "host"}),
        (HostPathRefused, {"volumes": [{"source": "/etc", "path": "/x"}]}),
        (Unhealthy, {"name": "sick", "volumes": DATA}),
        (Unhealthy, {"image": "localhost/crash:1", "volumes": DATA}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_refused_installation_leaves_nothing(
    yard: Yard, error: type[ApplicationError], definition: dict[str, Any]
) -> None:
    yard.taken = {22}
    yard.faults["sick"] = "port 80 does not answer."
    yard.podman.images.add("localhost/crash:1")
    yard.podman.crashing.add("localhost/crash:1")
    yard.podman.containers["foreign"] = {"State": "running", "Pid": 1, "Labels": {}}
    archive = yard.directory / "images" / "broken.tar"
    archive.parent.mkdir()
    archive.write_text("no archive")
    yard.podman.archives["broken.tar"] = ""
    before = dict(yard.podman.containers)

    with pytest.raises(error):
        yard.install(**definition)

    assert leftovers(yard) == [before, *NOTHING[1:]]


@pytest.mark.parametrize("allowance", ["privileged", "host_network", "host_paths"])
def test_what_the_cluster_allows_is_not_refused(yard: Yard, allowance: str) -> None:
    wanted: dict[str, dict[str, Any]] = {
        "privileged": {"privileged": True},
        "host_network": {"network": "host"},
        "host_paths": {"volumes": [{"source": "/srv/site", "path": "/x"}]},
    }
    yard.install(allowed=(allowance,), **wanted[allowance])
    assert yard.podman.containers["web"]["State"] == "running"


def test_a_second_try_works(yard: Yard) -> None:
    yard.faults["web"] = "port 80 does not answer."
    with pytest.raises(Unhealthy, match="port 80"):
        yard.install()
    yard.faults.clear()

    yard.install()

    assert yard.podman.containers["web"]["State"] == "running"


def test_volumes_of_a_former_installation_survive_one_that_fails(yard: Yard) -> None:
    yard.podman.volumes.add("flotilla-web.data")
    yard.faults["web"] = "sick"
    with pytest.raises(Unhealthy):
        yard.install(volumes=[*DATA, {"name": "more", "path": "/more"}])
    assert yard.podman.volumes == {"flotilla-web.data"}


def test_change_that_fails_goes_back_to_what_ran_before(yard: Yard) -> None:
    yard.install(secrets={"A": "old"}, volumes=DATA)
    yard.podman.images.add("localhost/crash:2")
    yard.podman.crashing.add("localhost/crash:2")

    with pytest.raises(Unhealthy):
        yard.install(image="localhost/crash:2", secrets={"A": "new"}, volumes=DATA)

    assert SITE in yard.podman.started("web")
    assert yard.podman.secrets == {"flotilla-web.A.1": "old"}
    assert yard.podman.volumes == {"flotilla-web.data"}
    assert yard.entries.all()[0].revision == 1


def test_agent_that_dies_in_the_middle_of_a_change_goes_back_all_the_same(yard: Yard) -> None:
    """It is killed when the new container runs; the command comes again, and it is not well."""
    yard.install()
    [before] = yard.entries.all()
    yard.podman.on_run = _power_cut
    with pytest.raises(PowerCut):
        yard.install(environment={"NEW": "1"})
    yard.podman.on_run = None
    yard.faults["web"] = "sick"
    yard.boot()

    with pytest.raises(Unhealthy):
        yard.install(environment={"NEW": "1"}, revision=2)

    assert yard.entries.all() == [before]
    assert "--env=NEW=1" not in yard.podman.started("web")


def test_agent_that_dies_in_the_middle_of_an_installation_finishes_it(yard: Yard) -> None:
    yard.podman.on_run = _power_cut
    with pytest.raises(PowerCut):
        yard.install(volumes=DATA)
    yard.podman.on_run = None
    yard.boot()

    yard.install(volumes=DATA, revision=1)

    [entry] = yard.entries.all()
    assert (entry.is_proven, entry.made, entry.previous) == (True, (), None)


def test_volume_of_an_installation_that_died_and_failed_is_not_left(yard: Yard) -> None:
    yard.podman.on_run = _power_cut
    with pytest.raises(PowerCut):
        yard.install(volumes=DATA)
    yard.podman.on_run = None
    yard.faults["web"] = "sick"
    yard.boot()

    with pytest.raises(Unhealthy):
        yard.install(volumes=DATA, revision=1)

    assert leftovers(yard) == NOTHING


def test_what_cannot_be_taken_back_is_at_least_not_started_again(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leader has been told that it failed, and thinks no more of it."""

    def refuse(name: str) -> None:
        raise EngineFailed(problem="podman rm: the storage is read-only")

    yard.faults["web"] = "sick"
    with monkeypatch.context() as broken:
        broken.setattr(yard.shipyard.applications._installer._podman, "remove", refuse)
        with pytest.raises(EngineFailed):
            yard.install(volumes=DATA)
    yard.boot().keeper.look()
    assert yard.podman.containers["web"]["State"] == "exited"

    yard.faults.clear()
    yard.install(volumes=DATA)
    assert yard.podman.containers["web"]["State"] == "running"


def test_nobody_but_root_reaches_what_applications_keep(yard: Yard) -> None:
    """A container's root may leave a program there that makes whoever starts it root."""
    yard.install(volumes=[{"source": "conf", "path": "/conf"}])
    assert (yard.directory / "applications").stat().st_mode & 0o777 == 0o700


def test_what_the_disk_refuses_is_undone_too(yard: Yard) -> None:
    yard.install(environment={"OLD": "1"})
    before = yard.entries.all()
    paths = yard.directory / "applications" / "web" / "paths"
    paths.write_text("in the way")
    with pytest.raises(OSError, match="paths"):
        yard.install(volumes=[{"source": "conf", "path": "/conf"}])
    assert yard.entries.all() == before


def test_newer_wish_after_a_death_builds_on_what_worked(yard: Yard) -> None:
    """S19: with its secrets; the change in the middle of which the agent died counts for nothing,
    and nobody goes back to it.
    """
    yard.install(secrets={"A": "old"})
    yard.podman.on_run = _power_cut
    with pytest.raises(PowerCut):
        yard.install(secrets={"A": "never proven"})
    yard.podman.on_run = None
    yard.faults["web"] = "sick"
    yard.boot()

    with pytest.raises(Unhealthy):
        yard.install(needs=["A"])

    [entry] = yard.entries.all()
    assert (entry.is_proven, entry.revision) == (True, 1)
    assert yard.podman.secrets == {"flotilla-web.A.1": "old"}


def test_image_that_the_disk_has_no_room_for_is_said_as_such(yard: Yard) -> None:
    """S14: what people do about it is make room, and not look for the image."""
    yard.podman.on_pull = _disk_full
    with pytest.raises(DiskFull, match="Make room there, and try again"):
        yard.install(image="docker.io/library/large:1")
    assert leftovers(yard) == NOTHING


def test_second_try_that_fails_earlier_leaves_nothing_of_the_first(yard: Yard) -> None:
    yard.podman.on_run = _power_cut
    with pytest.raises(PowerCut):
        yard.install(volumes=DATA)
    yard.podman.on_run = None
    yard.podman.images.clear()
    yard.boot()
    with pytest.raises(ImageNotFound):
        yard.install(volumes=DATA, revision=1)
    assert leftovers(yard) == NOTHING


def test_what_is_older_than_what_runs_is_not_done(yard: Yard) -> None:
    yard.install(revision=7)
    yard.install(revision=5, environment={"OLD": "1"})
    assert yard.remove(revision=6, wipe=True) == {"removed": False}
    assert "--env=OLD=1" not in yard.podman.started("web")


def test_what_a_later_leader_wants_is_newer(yard: Yard) -> None:
    """S40: the number of its wish has the term in front."""
    yard.install(revision=1 << 32 | 500)
    yard.install(revision=2 << 32 | 7, environment={"NEW": "1"})
    assert "--env=NEW=1" in yard.podman.started("web")
    assert yard.remove(revision=2 << 32 | 9) == {"removed": True}


def test_wish_of_another_cluster_counts_though_its_number_is_lower(yard: Yard) -> None:
    """S21: the node was removed there, and has joined here with what it still runs."""
    yard.install(revision=9 << 32 | 500)
    yard.cluster = "theirs"
    yard.install(revision=1 << 32 | 7, environment={"NEW": "1"})
    assert "--env=NEW=1" in yard.podman.started("web")
    assert yard.remove(revision=1 << 32 | 8) == {"removed": True}


def test_something_newer_ends_the_wait_for_health(yard: Yard) -> None:
    yard.faults["web"] = "not yet"
    yard.is_hurried = True
    with pytest.raises(Superseded):
        yard.install()
    assert leftovers(yard) == NOTHING


def test_port_of_another_application_is_taken_though_that_is_stopped(yard: Yard) -> None:
    yard.install(**HTTP)
    yard.set_state("stopped")
    with pytest.raises(PortTaken, match="web"):
        yard.install(name="other", **HTTP)


def test_own_port_is_not_taken(yard: Yard) -> None:
    yard.install(**HTTP)
    yard.taken = {8080}
    yard.install(**HTTP)
    assert "--label=flotilla.revision=2" in yard.podman.started("web")


def test_removal_keeps_the_volumes(yard: Yard) -> None:
    yard.install(volumes=DATA, secrets={"A": "b"})
    assert yard.remove() == {"removed": True}
    assert leftovers(yard) == [{}, {"flotilla-web.data"}, {}, [], {}]


def test_removal_can_wipe_them_and_nobody_elses(yard: Yard) -> None:
    yard.podman.volumes |= {"flotilla-web-two.data", "precious"}
    yard.install(volumes=[*DATA, {"source": "conf", "path": "/etc/web"}])
    yard.remove(wipe=True)
    assert yard.podman.volumes == {"flotilla-web-two.data", "precious"}
    assert not (yard.directory / "applications" / "web").exists()


def test_removal_of_what_is_not_there_succeeds(yard: Yard) -> None:
    assert yard.remove() == {"removed": False}


def test_image_comes_from_an_archive_of_the_node(yard: Yard) -> None:
    archive = yard.directory / "images" / "site.tar"
    archive.parent.mkdir()
    archive.write_text("layers")
    yard.podman.archives["site.tar"] = "localhost/loaded:3"
    assert yard.install(archive="site.tar")["image"] == "localhost/loaded:3"
    assert "localhost/loaded:3" in yard.podman.started("web")


@pytest.mark.parametrize("state", ["stopped", "running", "restarted"])
def test_state_is_what_was_asked_for(yard: Yard, state: str) -> None:
    yard.install()
    yard.set_state(state)
    running = yard.podman.containers["web"]["State"] == "running"
    assert running == (state != "stopped")


def test_logs_are_one_harmless_line_each(yard: Yard) -> None:
    yard.install()
    yard.podman.said = "ready\n\x1b[31mred\x1b[0m\x07\n<b>\n"
    answer = yard.ask("read_application_logs", {"name": "web", "lines": 100})
    assert answer["lines"] == ["ready", "\ufffd[31mred\ufffd[0m\ufffd", "<b>"]
    assert ("podman", "logs", "--tail", "100", "web") in yard.podman.calls
    assert yard.podman.patience["logs"] < 10
