"""Account providers on real slapd: in step with each other, and forgotten when they go (S16)."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab import directories, fleet, foreign_directory, membership
from tests.lab.authorities import Authority
from tests.lab.client import Answer
from tests.lab.directories import Login
from tests.lab.fleet import Fleet
from tests.lab.foreign_directory import ForeignDirectory
from tests.lab.host import expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually, holds

pytestmark = pytest.mark.lab

WITHIN = 60
SOON = 2
CUT_SECONDS = 60 if os.environ.get("FLOTILLA_PROOFS") == "full" else 5
DOMAIN = "example.org"
PLACE = f"domains/{DOMAIN}"
FOREIGN = "its certificate is refused: unable to get local issuer certificate"
LATE = "its certificate is refused: certificate has expired"
MISNAMED = "its certificate is refused: IP address mismatch"


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """A leader and two workers, each with the image; no domain yet."""
    made = fleet.gather(make_lab, nodes=3, joined=3)
    for host in made.hosts.values():
        directories.make_image(host)
    expect(made.api("POST", "domains/", {"name": DOMAIN}), 201)
    return made


@pytest.fixture
def login(ships: Fleet) -> Login:
    shown = expect(ships.api("POST", f"{PLACE}/password/"), 200).body
    base_dn = expect(ships.api("GET", f"{PLACE}/"), 200).body["base_dn"]
    return Login(base_dn, shown["bind_dn"], shown["password"])


def end(ships: Fleet, answer: Answer) -> tuple[str, Any]:
    """How the operation that was accepted ended."""
    number = expect(answer, 202).body["operation"]["id"]

    def ended() -> dict[str, Any]:
        operation = expect(ships.api("GET", f"operations/{number}/"), 200).body
        return dict(operation) if operation["state"] in membership.ENDED else {}

    operation = eventually(ended, within=WITHIN, every=0.1)
    return operation["state"], operation["error"]


def provide(ships: Fleet, *nodes: int) -> None:
    """Have these nodes provide the domain, and no other."""
    for node in sorted(set(nodes) - set(providers(ships))):
        answer = ships.api("POST", f"{PLACE}/providers/", {"node": node})
        assert end(ships, answer) == ("succeeded", None)
    eventually(lambda: standing(ships) == dict.fromkeys(nodes, "in_step"), within=WITHIN)
    eventually(lambda: peers(ships) == expected(nodes), within=WITHIN)


def providers(ships: Fleet) -> list[int]:
    return list(expect(ships.api("GET", f"{PLACE}/"), 200).body["nodes"])


def standing(ships: Fleet) -> dict[int, str]:
    """What the nodes say of their providers."""
    told = expect(ships.api("GET", f"{PLACE}/standing/"), 200).body["directories"]
    return {each["node"]: each["state"] for each in told}


def peers(ships: Fleet) -> dict[int, set[int]]:
    """Which others each provider was told of."""
    listed = expect(ships.api("GET", f"{PLACE}/providers/"), 200).body["results"]
    found = [ships.api("GET", f"applications/{each['id']}/").body for each in listed]
    told = {
        each["node"]: each["installed"]["definition"]["environment"]["LDAP_PEERS"] for each in found
    }
    return {
        node: {int(peer.split("=")[0]) for peer in names.split()} for node, names in told.items()
    }


def expected(nodes: tuple[int, ...]) -> dict[int, set[int]]:
    return {node: set(nodes) - {node} for node in nodes}


def url(ships: Fleet, node: int) -> str:
    return f"ldap://{ships.address(node)}:389"


def test_entry_added_on_one_provider_is_read_on_the_other_within_two_seconds(
    ships: Fleet, login: Login
) -> None:
    provide(ships, 2, 3)
    first, second = url(ships, 2), url(ships, 3)

    login.add(ships.hosts[2], first, "people")
    eventually(lambda: login.knows(ships.hosts[3], second, "people"), within=SOON, every=0.05)

    login.add(ships.hosts[3], second, "groups")
    eventually(lambda: login.knows(ships.hosts[2], first, "groups"), within=SOON, every=0.05)


def test_provider_that_was_cut_off_catches_up(ships: Fleet, login: Login) -> None:
    provide(ships, 2, 3)
    first, second = url(ships, 2), url(ships, 3)
    ships.hosts[3].cut_link()
    try:
        eventually(lambda: standing(ships)[3] == "unreachable", within=WITHIN)
        login.add(ships.hosts[2], first, "meanwhile")
        login.add(ships.hosts[3], second, "alone")
        holds(lambda: standing(ships)[3] == "unreachable", during=CUT_SECONDS)
    finally:
        ships.hosts[3].heal_link()

    eventually(lambda: login.knows(ships.hosts[3], second, "meanwhile"), within=WITHIN)
    eventually(lambda: login.knows(ships.hosts[2], first, "alone"), within=WITHIN)
    eventually(lambda: set(standing(ships).values()) == {"in_step"}, within=WITHIN)


def test_provider_runs_again_with_all_entries_after_the_power_was_cut(
    ships: Fleet, login: Login
) -> None:
    provide(ships, 2, 3)
    login.add(ships.hosts[2], url(ships, 2), "durable")
    second = url(ships, 3)
    eventually(lambda: login.knows(ships.hosts[3], second, "durable"), within=WITHIN)
    ships.hosts[3].power_cycle()

    eventually(lambda: login.knows(ships.hosts[3], second, "durable"), within=WITHIN)


def test_new_password_is_told_to_every_provider_and_they_stay_in_step(
    ships: Fleet, login: Login
) -> None:
    provide(ships, 2, 3)
    first, second = url(ships, 2), url(ships, 3)
    expect(ships.api("PUT", f"{PLACE}/password/", {}), 200)
    new = replace(
        login, password=expect(ships.api("POST", f"{PLACE}/password/"), 200).body["password"]
    )

    eventually(lambda: new.is_accepted(ships.hosts[3], second), within=WITHIN)
    eventually(lambda: new.is_accepted(ships.hosts[2], first), within=WITHIN)
    assert not login.is_accepted(ships.hosts[2], first)
    assert not login.is_accepted(ships.hosts[3], second)
    new.add(ships.hosts[2], first, "afterwards")
    eventually(lambda: new.knows(ships.hosts[3], second, "afterwards"), within=WITHIN)


def test_domain_stays_with_its_password_after_a_promotion(ships: Fleet, login: Login) -> None:
    provide(ships, 2, 3)
    ships.promote(2)
    ships.wait_until_whole(size=3, within=WITHIN)

    assert expect(ships.api("POST", f"{PLACE}/password/"), 200).body["password"] == login.password
    provide(ships, 1, 2, 3)
    login.add(ships.hosts[1], url(ships, 1), "new")
    eventually(lambda: login.knows(ships.hosts[3], url(ships, 3), "new"), within=WITHIN)

    ships.promote(1)
    ships.wait_until_whole(size=3, within=WITHIN)
    assert end(ships, ships.api("DELETE", f"{PLACE}/providers/1/", {})) == ("succeeded", None)
    provide(ships, 2, 3)


@pytest.fixture
def authorities(tmp_path: Path) -> tuple[Authority, Authority]:
    """That of a directory elsewhere, and another that has nothing to do with it."""
    directories = tmp_path / "ours", tmp_path / "theirs"
    for directory in directories:
        directory.mkdir()
    ours, theirs = map(Authority.make, directories)
    return ours, theirs


@pytest.fixture
def elsewhere(
    ships: Fleet, tmp_path: Path, authorities: tuple[Authority, Authority]
) -> Iterator[dict[str, ForeignDirectory]]:
    """Directories by what their certificates are."""
    ours, host = authorities[0], ships.hosts[2]
    shown = {
        "good": ours.sign_for(host.address),
        "late": ours.sign_late_for(host.address),
        "misnamed": ours.sign_for("192.0.2.1"),
    }
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(
                foreign_directory.running(host, tmp_path / name, shows=shows, port=port)
            )
            for port, (name, shows) in zip(range(4000, 4100, 10), shown.items(), strict=False)
        }


def seen(ships: Fleet, domain: dict[str, Any]) -> set[tuple[str, str, str]]:
    """How a directory stands, by every node and both of its addresses; and what was wrong."""
    expect(ships.api("POST", "domains/", domain), 201)
    try:
        told = expect(ships.api("GET", f"domains/{domain['name']}/standing/"), 200).body
    finally:
        confirmed = {"confirmation": domain["name"]}
        expect(ships.api("DELETE", f"domains/{domain['name']}/", confirmed), 204)
    sights = told["directories"]
    assert {(each["node"], each["url"]) for each in sights} == {
        (node, url) for node in ships.hosts for url in domain["urls"]
    }
    return {(each["state"], each["failed"], each["detail"]) for each in sights}


def test_directory_elsewhere_is_reached_by_every_node_over_both_kinds_of_tls(
    ships: Fleet,
    elsewhere: dict[str, ForeignDirectory],
    authorities: tuple[Authority, Authority],
) -> None:
    """And what is wrong with a certificate is told apart."""
    ours, theirs = (authority.certificate for authority in authorities)
    good, late, misnamed = (elsewhere[name] for name in ("good", "late", "misnamed"))

    assert seen(ships, good.domain("good.example", ca=ours)) == {("in_step", "", "")}
    assert why(seen(ships, good.domain("foreign.example", ca=theirs))) == FOREIGN
    assert why(seen(ships, late.domain("late.example", ca=ours))) == LATE
    assert MISNAMED in why(seen(ships, misnamed.domain("misnamed.example", ca=ours)))


def why(sights: set[tuple[str, str, str]]) -> str:
    [sight] = sights
    assert sight[:2] == ("unreachable", "tls")
    return sight[2]


def test_node_is_removed_only_without_its_provider(ships: Fleet, login: Login) -> None:
    """S17."""
    provide(ships, 2, 3)
    digest = expect(ships.api("GET", "nodes/3/removal/"), 200).body["digest"]
    asked = {"confirmation": "node3", "digest": digest}
    refused = ships.api("POST", "nodes/3/removal/", asked)
    assert (refused.status, refused.body["errors"][0]["code"]) == (
        409,
        "node_runs_account_provider",
    )

    assert end(ships, ships.api("DELETE", f"{PLACE}/providers/3/", {})) == ("succeeded", None)

    eventually(lambda: peers(ships) == {2: set()}, within=WITHIN)
    eventually(lambda: not is_listed(ships, 3), within=WITHIN)
    asked["digest"] = expect(ships.api("GET", "nodes/3/removal/"), 200).body["digest"]
    assert end(ships, ships.api("POST", "nodes/3/removal/", asked)) == ("succeeded", None)


def is_listed(ships: Fleet, node: int) -> bool:
    return bool(
        ships.api("GET", f"applications/?node={node}&role=account-provider").body["results"]
    )


def test_dead_provider_is_forgotten_and_its_leftovers_are_named(ships: Fleet, login: Login) -> None:
    """S17: its node is gone, and removed by force."""
    provide(ships, 1, 2)
    doomed = ships.hosts[2]
    doomed.cut_power()
    eventually(lambda: membership.status_of(ships.leader, doomed) == "offline", within=30)
    digest = expect(ships.api("GET", "nodes/2/removal/"), 200).body["digest"]
    asked = {"confirmation": "node2", "digest": digest, "force": True}
    assert end(ships, ships.api("POST", "nodes/2/removal/", asked)) == ("succeeded", None)

    open_ones = expect(ships.api("GET", "follow-ups/?settled=false"), 200).body["results"]
    left = next(each for each in open_ones if each["kind"] == "remove_leftovers")
    assert DOMAIN in left["detail"]
    expect(ships.api("PATCH", f"follow-ups/{left['id']}/", {"settled": True}), 200)

    eventually(lambda: peers(ships) == {1: set()}, within=WITHIN)
    eventually(lambda: standing(ships) == {1: "in_step"}, within=WITHIN)
    login.add(ships.hosts[1], url(ships, 1), "later")
    assert login.knows(ships.hosts[1], url(ships, 1), "later")
