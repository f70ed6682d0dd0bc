"""Installing, changing and removing: it works, or everything is as it was."""

from typing import Any

import pytest

from nodes.agent.applications import arguments
from nodes.agent.applications.errors import (
    ApplicationError,
    HostNetworkRefused,
    HostPathRefused,
    ImageNotFound,
    NameTaken,
    PortTaken,
    PrivilegedRefused,
    SecretMissing,
    Unhealthy,
)
from tests.nodes.agent.applications.conftest import Yard
from tests.nodes.agent.applications.engine import SITE
from tests.nodes.agent.applications.troubles import DATA, HTTP, NOTHING, leftovers


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
