"""Changing: it works, or what ran before runs again, also when the agent dies in the middle."""

import pytest

from nodes.agent.applications.errors import (
    DiskFull,
    EngineFailed,
    ImageNotFound,
    PortTaken,
    Superseded,
    Unhealthy,
)
from tests.nodes.agent.applications.conftest import Yard
from tests.nodes.agent.applications.engine import SITE
from tests.nodes.agent.applications.troubles import DATA, HTTP, NOTHING, leftovers


class PowerCut(BaseException):
    """The agent ends here, as far as it can tell."""


def _power_cut() -> None:
    raise PowerCut


def _disk_full() -> None:
    raise EngineFailed(problem="podman pull: writing blob: no space left on device exit status 1")


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
