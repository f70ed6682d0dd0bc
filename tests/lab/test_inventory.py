"""What runs on a node is seen on the leader (S16, S19)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab import containers, fleet, systemd
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.systemd import Systemd
from tests.lab.waiting import eventually, holds

pytestmark = pytest.mark.lab

WITHIN = 15
PROVIDER = {"flotilla.role": "account-provider", "flotilla.domain": "example.org"}


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """A leader and a worker."""
    return fleet.gather(make_lab, nodes=2, joined=2)


@pytest.fixture
def provider(ships: Fleet) -> Iterator[Host]:
    """The worker runs a replica of a domain's accounts."""
    worker = ships.hosts[2]
    containers.serve(worker, "accounts", says="ahoy", labels=PROVIDER)
    yield worker
    containers.remove(worker, "accounts")
    eventually(lambda: applications(ships, 2) == [], within=WITHIN)


def applications(ships: Fleet, node_id: int) -> list[dict[str, Any]]:
    """What the leader lists for a node."""
    found = expect(ships.api("GET", f"applications/?node={node_id}"), 200).body["results"]
    return [dict(each) for each in found]


def test_a_container_is_listed_with_its_node_image_and_labels(ships: Fleet, provider: Host) -> None:
    """S19: on its node, and on no other."""
    found = eventually(lambda: applications(ships, 2), within=WITHIN)[0]
    assert (found["engine"], found["name"], found["state"]) == ("container", "accounts", "running")
    assert found["image"] == containers.IMAGE
    assert PROVIDER.items() <= found["labels"].items()
    assert applications(ships, 1) == []


def test_a_domain_counts_its_providers_and_names_their_nodes(ships: Fleet, provider: Host) -> None:
    """S16."""
    eventually(lambda: applications(ships, 2), within=WITHIN)
    domains = expect(ships.api("GET", "domains/"), 200).body["results"]
    (found,) = domains
    assert (found["name"], found["providers"], found["nodes"]) == ("example.org", 1, [2])


def test_a_node_with_a_provider_is_not_removed_and_the_refusal_names_it(
    ships: Fleet, provider: Host
) -> None:
    """S16: not by force either, as long as it answers."""
    eventually(lambda: applications(ships, 2), within=WITHIN)
    digest = expect(ships.api("GET", "nodes/2/removal/"), 200).body["digest"]
    for force in (False, True):
        asked = {"confirmation": "node2", "digest": digest, "force": force}
        refused = ships.api("POST", "nodes/2/removal/", asked)
        error = refused.body["errors"][0]
        assert (refused.status, error["code"]) == (409, "node_runs_account_provider")
        assert "accounts" in error["detail"]
    assert provider.role == "worker"


def test_a_container_that_stops_is_seen_to_have_stopped(ships: Fleet, provider: Host) -> None:
    eventually(lambda: applications(ships, 2), within=WITHIN)
    provider.exec("podman", "stop", "--time=0", "accounts")
    eventually(lambda: applications(ships, 2)[0]["state"] != "running", within=WITHIN)


def test_a_node_that_is_off_keeps_its_list(ships: Fleet, provider: Host) -> None:
    """S17: what was there when it was last heard."""
    eventually(lambda: applications(ships, 2), within=WITHIN)
    provider.cut_link()
    try:
        holds(lambda: applications(ships, 2), during=2)
    finally:
        provider.heal_link()


@pytest.fixture
def services(ships: Fleet) -> Iterator[Systemd]:
    """The worker's own systemd."""
    with systemd.running(ships.hosts[2]) as manager:
        yield manager
    eventually(lambda: applications(ships, 2) == [], within=WITHIN)


def domains(ships: Fleet) -> list[tuple[str, int, list[int]]]:
    """Of each domain its name, how many provide it, and on which nodes."""
    rows = expect(ships.api("GET", "domains/"), 200).body["results"]
    return [(row["name"], row["providers"], row["nodes"]) for row in rows]


def listed(ships: Fleet) -> list[tuple[str, str, str]]:
    """What the leader lists for the worker, in short."""
    found = applications(ships, 2)
    return [(each["engine"], each["name"], each["state"]) for each in found]


def test_a_service_with_our_drop_in_is_listed_as_systemd_runs_it(
    ships: Fleet, services: Systemd
) -> None:
    """S19: no other service is."""
    services.install("other")
    services.install("site", labels={})
    eventually(lambda: listed(ships) == [("service", "site.service", "active")], within=WITHIN)
    assert services.control("is-active", "other", "site").split() == ["active", "active"]


def test_a_service_that_stops_or_dies_is_seen_to_be_inactive(
    ships: Fleet, services: Systemd
) -> None:
    services.install("site", labels={})
    for end, begin in (("stop", "start"), ("kill --signal=KILL", "restart")):
        eventually(lambda: listed(ships) == [("service", "site.service", "active")], within=WITHIN)
        services.control(*end.split(), "site")
        eventually(
            lambda: listed(ships) == [("service", "site.service", "inactive")], within=WITHIN
        )
        services.control("reset-failed")
        services.control(begin, "site")


def test_a_service_with_a_providers_labels_counts_for_its_domain(
    ships: Fleet, services: Systemd
) -> None:
    """S16: systemd leaves a section alone that is not its own."""
    services.install("accounts", labels=PROVIDER)
    eventually(lambda: domains(ships) == [("example.org", 1, [2])], within=WITHIN)
    assert services.control("is-active", "accounts").strip() == "active"


def test_a_service_without_our_drop_in_is_ours_no_more(ships: Fleet, services: Systemd) -> None:
    services.install("site", labels={})
    eventually(lambda: listed(ships), within=WITHIN)
    services.drop_in("site").unlink()
    eventually(lambda: listed(ships) == [], within=WITHIN)
    assert services.control("is-active", "site").strip() == "active"


def test_a_later_leader_knows_the_domains(ships: Fleet, services: Systemd) -> None:
    """S16, S26: it asks anew what runs where; the last test, because node2 leads then."""
    services.install("accounts", labels=PROVIDER)
    ships.wait_until_all_know()
    ships.leader.cut_power()
    ships.switch(ships.hosts[2], to=2)
    eventually(lambda: domains(ships) == [("example.org", 1, [2])], within=WITHIN)
