"""Applications on real podman: they run and stay, or nothing of them is left (S14, S19, S21)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab import containers, fleet, installing, membership, registry
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.installing import (
    SITE,
    end,
    install,
    is_bare,
    managed,
    outcome,
    remove_all,
)
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab

WITHIN = installing.WITHIN
PORT = containers.PORT


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """A leader, and a worker that has an image."""
    made = fleet.gather(make_lab, nodes=2, joined=2)
    containers.make_image(made.hosts[2], says="ahoy")
    return made


@pytest.fixture
def worker(ships: Fleet) -> Iterator[Host]:
    """The node that applications are installed on; nothing runs there before and afterwards."""
    host = ships.hosts[2]
    yield host
    if host.role == "worker":
        ships.wait_until_whole(size=2, within=WITHIN)
        remove_all(ships)


def test_application_is_installed_answers_and_is_all_that_a_removal_shows(
    ships: Fleet, worker: Host
) -> None:
    """S14, S19."""
    assert outcome(install(ships)) == ("succeeded", None)

    assert containers.answer(worker) == "ahoy"
    preview = expect(ships.api("GET", "nodes/2/removal/"), 200).body
    assert [each["name"] for each in preview["applications"]] == ["web"]
    number = managed(ships)[0]["id"]
    logs = expect(ships.api("GET", f"applications/{number}/logs/"), 200).body
    assert logs["usage"]["memory"] > 0


def test_secret_reaches_the_application_and_no_other_place(ships: Fleet, worker: Host) -> None:
    secret = "hunter2-hunter2"
    assert outcome(install(ships, secrets={"PASSWORD": secret})) == ("succeeded", None)

    pid = worker.exec("podman", "inspect", "--format={{.State.Pid}}", "web").stdout.strip()
    environment = worker.exec("cat", f"/proc/{pid}/environ").stdout
    assert f"PASSWORD={secret}" in environment
    database = (ships.leader.state_dir / "db.sqlite3").read_bytes()
    assert secret.encode() not in database
    definition = worker.state_dir / "applications" / "web" / "definition.json"
    assert secret not in definition.read_text()


def test_application_runs_again_after_the_power_was_cut(ships: Fleet, worker: Host) -> None:
    """S21: all processes of the node are killed, the containers too."""
    install(ships)
    worker.power_cycle()
    assert eventually(lambda: containers.answer(worker), within=WITHIN) == "ahoy"


def test_application_that_is_killed_is_started_again(ships: Fleet, worker: Host) -> None:
    install(ships)
    worker.exec("podman", "kill", "web")
    assert eventually(lambda: containers.answer(worker), within=WITHIN) == "ahoy"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"image": "localhost/nothing:1"}, "image_not_found"),
        ({"archive": "nothing.tar"}, "image_archive_not_found"),
        ({"ports": [{"container": 8443}], "health": {"kind": "none"}}, "port_taken"),
        (
            {"health": {"kind": "http", "port": PORT, "path": "/no", "seconds": 1}},
            "application_unhealthy",
        ),
        ({"command": ["/bin/busybox", "false"]}, "application_unhealthy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_installation_that_fails_says_why_and_leaves_nothing(
    changes: dict[str, Any], code: str, ships: Fleet, worker: Host
) -> None:
    assert outcome(install(ships, **changes)) == ("failed", code)
    assert is_bare(worker)
    assert managed(ships) == []

    assert outcome(install(ships)) == ("succeeded", None)


def test_image_comes_from_a_registry_or_it_is_said_why_not(ships: Fleet, worker: Host) -> None:
    """S14: one that it does not have, one that nobody is let at, and a registry that is not there.

    A second try works.
    """
    with registry.serving(worker):
        registry.push(worker, containers.IMAGE, name="site:1")
        for port, name, said in (
            (registry.OPEN, "site:2", "manifest unknown"),
            (registry.GUARDED, "site:1", "authentication required"),
            (registry.SILENT, "site:1", "connection refused"),
        ):
            failed = install(ships, image=registry.reference(port, name))
            assert outcome(failed) == ("failed", "image_not_found")
            assert said in failed["error"]["detail"]
        assert is_bare(worker)

        registry.log_in(worker)
        found = registry.reference(registry.GUARDED, "site:1")
        assert outcome(install(ships, image=found)) == ("succeeded", None)
        assert containers.answer(worker) == "ahoy"
    containers.make_image(worker, says="ahoy")


def test_image_that_does_not_fit_is_said_and_comes_when_there_is_room(
    ships: Fleet, worker: Host
) -> None:
    """S14: nothing of it is left before that, neither running nor on the disk."""
    with registry.serving(worker):
        registry.push(worker, containers.IMAGE, name="site:1")
        image = registry.reference(registry.OPEN, "site:1")
        with containers.small_storage(worker, kib=1024) as storage:
            failed = install(ships, image=image)
            assert outcome(failed) == ("failed", "disk_short")
            assert "Make room" in failed["error"]["detail"]
            assert is_bare(worker)
            assert not worker.exec("podman", "images", "--all", "--quiet").stdout.strip()

            worker.exec("mount", "-o", "remount,size=64m", str(storage))
            assert outcome(install(ships, image=image)) == ("succeeded", None)
            assert containers.answer(worker) == "ahoy"
            remove_all(ships)
    containers.make_image(worker, says="ahoy")


def test_archive_that_was_sent_to_the_leader_is_installed_and_forgotten(
    ships: Fleet, worker: Host
) -> None:
    archive = containers.save(worker)
    sent = expect(ships.api("POST", "application-images/", archive), 201).body
    assert sent["image"] == containers.IMAGE

    assert outcome(install(ships, upload=sent["sha256"])) == ("succeeded", None)

    assert containers.answer(worker) == "ahoy"
    assert [*(ships.leader.state_dir / "uploads").glob("*")] == []
    assert [*(worker.state_dir / "images").glob("*")] == []


def test_node_without_room_refuses_an_archive_before_it_fetches_it(
    ships: Fleet, worker: Host
) -> None:
    archive = containers.save(worker)
    sent = expect(ships.api("POST", "application-images/", archive), 201).body
    small = worker.state_dir / "images"
    small.mkdir(exist_ok=True)
    worker.exec("mount", "-t", "tmpfs", "-o", f"size={2 * len(archive)}", "tmpfs", str(small))
    try:
        assert outcome(install(ships, upload=sent["sha256"])) == ("failed", "disk_short")
        assert is_bare(worker)
    finally:
        worker.exec("umount", str(small))

    sent = expect(ships.api("POST", "application-images/", archive), 201).body
    assert outcome(install(ships, upload=sent["sha256"])) == ("succeeded", None)


def test_agent_that_is_killed_in_the_middle_finishes_what_it_began(
    ships: Fleet, worker: Host
) -> None:
    answer = ships.api("POST", "applications/", SITE)
    definition = worker.state_dir / "applications" / "web" / "definition.json"
    eventually(definition.exists, within=WITHIN, every=0.02)
    worker.kill("agent")

    assert outcome(end(ships, answer)) == ("succeeded", None)
    assert containers.answer(worker) == "ahoy"


def test_cancelled_installation_leaves_nothing(ships: Fleet, worker: Host) -> None:
    slow = {"kind": "http", "port": PORT, "path": "/no", "seconds": 60}
    answer = ships.api("POST", "applications/", SITE | {"health": slow})
    eventually(lambda: containers.answer(worker), within=WITHIN)
    number = expect(answer, 202).body["operation"]["id"]

    cancelled = ships.api("POST", f"operations/{number}/cancel/")

    assert outcome(end(ships, cancelled)) == ("cancelled", None)
    assert is_bare(worker)


def test_node_that_is_offline_gets_no_application(ships: Fleet, worker: Host) -> None:
    worker.cut_link()
    try:
        eventually(lambda: membership.status_of(ships.leader, worker) == "offline", within=15)
        refused = ships.api("POST", "applications/", SITE)
        assert (refused.status, refused.body["errors"][0]["code"]) == (409, "node_not_reachable")
    finally:
        worker.heal_link()


def test_change_that_does_not_work_leaves_the_old_one_running(ships: Fleet, worker: Host) -> None:
    install(ships)
    number = managed(ships)[0]["id"]

    broken = {"command": ["/bin/busybox", "false"]}
    operation = end(ships, ships.api("PATCH", f"applications/{number}/", broken))

    assert outcome(operation) == ("failed", "application_unhealthy")
    assert eventually(lambda: containers.answer(worker), within=5) == "ahoy"


def test_application_is_stopped_and_started(ships: Fleet, worker: Host) -> None:
    install(ships)
    path = f"applications/{managed(ships)[0]['id']}/"

    assert outcome(end(ships, ships.api("PATCH", path, {"state": "stopped"})))[0] == "succeeded"
    assert containers.answer(worker) == ""
    assert outcome(end(ships, ships.api("PATCH", path, {"state": "running"})))[0] == "succeeded"
    assert containers.answer(worker) == "ahoy"


def test_removal_keeps_the_volume_unless_it_is_wiped(ships: Fleet, worker: Host) -> None:
    install(ships)
    path = f"applications/{managed(ships)[0]['id']}/"
    assert outcome(end(ships, ships.api("DELETE", path, {})))[0] == "succeeded"
    assert worker.exec("podman", "volume", "ls", "--quiet").stdout.strip() == "flotilla-web.data"

    install(ships)
    path = f"applications/{managed(ships)[0]['id']}/"
    wiped = {"confirmation": "web", "wipe_volumes": True}
    assert outcome(end(ships, ships.api("DELETE", path, wiped)))[0] == "succeeded"
    assert is_bare(worker)


def test_application_is_still_managed_after_a_promotion(ships: Fleet, worker: Host) -> None:
    install(ships)
    ships.promote(2)
    ships.wait_until_whole(size=2, within=WITHIN)

    path = f"applications/{managed(ships)[0]['id']}/"
    assert outcome(end(ships, ships.api("PATCH", path, {"state": "restarted"})))[0] == "succeeded"
    assert containers.answer(worker) == "ahoy"
    ships.promote(1)
    ships.wait_until_whole(size=2, within=WITHIN)


def test_application_still_answers_after_its_nodes_removal(ships: Fleet, worker: Host) -> None:
    """S21: also when its power was cut since."""
    install(ships)
    digest = expect(ships.api("GET", "nodes/2/removal/"), 200).body["digest"]
    asked = {"confirmation": "node2", "digest": digest}
    assert outcome(end(ships, ships.api("POST", "nodes/2/removal/", asked)))[0] == "succeeded"

    eventually(lambda: worker.role == "removed", within=WITHIN)
    assert containers.answer(worker) == "ahoy"
    worker.power_cycle()
    assert eventually(lambda: containers.answer(worker), within=WITHIN) == "ahoy"
