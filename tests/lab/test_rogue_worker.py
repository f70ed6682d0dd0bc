"""A worker that calls itself the leader convinces nobody (S1)."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.lab import agents, fleet, paths, rogue, rows
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually, holds
from tests.lab.watching import watching

pytestmark = pytest.mark.lab

SIZE = 4


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Four nodes; node4 goes bad, and node3 loses sight of the leader."""
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


@contextlib.contextmanager
def gone_bad(host: Host, *, trick: str) -> Iterator[None]:
    """The host as long as its root does this instead of what it should."""
    for process in ("agent", "celery", "web"):
        host.stop(process)
    heard = host.state_dir / "rogue-heard"
    heard.unlink(missing_ok=True)
    host.spawn(
        *("python", "-m", "tests.lab.rogue", str(host.state_dir), trick),
        log=host.directory / "rogue.log",
    )
    try:
        yield
    finally:
        host.power_cycle()


def calls(host: Host, *, source: Host, path: str) -> int:
    """How often that host asked the rogue for that path, through the VPN or not."""
    heard = host.state_dir / "rogue-heard"
    lines = heard.read_text().splitlines() if heard.exists() else []
    wanted = {f"{address} {path}" for address in (source.address, f"10.5.4.{source.number}")}
    return sum(line in wanted for line in lines)


@pytest.mark.parametrize("trick", ["forged", "linked", "claimed", "replayed"])
def test_nobody_follows_it_and_the_trail_has_the_alarm(ships: Fleet, trick: str) -> None:
    """A forged term, a link and a recovery claim that it signed itself, a state that was good once.

    Its key is valid, it answers at its own address, and the one that asks has lost its leader.
    """
    ships.wait_until_whole(size=SIZE, within=30)
    leader, victim, bad = ships.leader, ships.hosts[3], ships.hosts[4]
    term = leader.node["term"]
    before = len(rows.events(leader, "node.state.refused"))
    with watching([leader, ships.hosts[2], victim]) as seen:
        with gone_bad(bad, trick=trick):
            with paths.all_blocked(victim, towards=leader):
                eventually(lambda: calls(bad, source=victim, path="/agent/v1/sync") > 0, within=30)
                holds(lambda: victim.node["leader"]["id"] == leader.node_id, during=2)
            eventually(
                lambda: rows.events(leader, "leadership.contested"), within=20
            )  # by one of three: not more than half
            assert leader.role == "leader"
        eventually(lambda: not leader.node.get("contested"), within=30)
    for host in (leader, ships.hosts[2], victim):
        assert seen.terms(host) == [term]
        assert seen.followed(host) == [leader.node_id]
    if trick != "replayed":  # the same state that it holds is no news, and refused silently
        eventually(lambda: len(rows.events(leader, "node.state.refused")) > before, within=15)
    expect(ships.api("PATCH", "nodes/2/", {"label": trick}), 200)


@pytest.mark.parametrize("trick", ["linked", "claimed"])
def test_what_it_signs_itself_is_taken_by_nobody(ships: Fleet, trick: str) -> None:
    """Handed to another node's agent by the door that a leader's hand-over comes through."""
    ships.wait_until_whole(size=SIZE, within=30)
    victim, bad = ships.hosts[3], ships.hosts[4]
    forged = rogue.Rogue(bad.state_dir, trick=trick)
    body = {"handover": forged.leadership()["handover"], "generation": 1}
    audience = f"{forged.cluster}/{victim.node_id}"
    token = agents.agent_token(bad, audience=audience, issuer=bad.node_id)
    answer = victim.request("POST", "/agent/v1/lead", body, token=token)
    assert answer.status in (400, 401, 403, 409)
    holds(lambda: victim.role == "worker", during=1)
