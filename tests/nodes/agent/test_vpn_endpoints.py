"""Endpoints: resolved beside the reconciler, kept while the peer is heard, set right when it is
not.
"""

import threading
from dataclasses import replace

import pytest

from nodes.agent.vpn.dump import Actual, ActualPeer
from nodes.agent.vpn.endpoints import Endpoints
from nodes.agent.vpn.liveness import SILENCE, Liveness
from nodes.agent.vpn.plan import PlannedPeer
from nodes.agent.vpn.resolver import Resolver
from tests.nodes.agent.clock import Clock
from tests.nodes.agent.planning import plan_for

KEY = "K"
PEER = PlannedPeer(1, KEY, "hub.example.org:55820", frozenset())
NOW = ActualPeer(
    public_key=KEY,
    endpoint="192.0.2.1:55820",
    allowed=frozenset(),
    last_handshake=0,
    received=0,
    sent=0,
    keepalive=5,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def liveness(clock: Clock) -> Liveness:
    return Liveness(clock=clock, monotonic=clock)


def observe(liveness: Liveness, *, received: int, handshake: int) -> None:
    peer = replace(NOW, received=received, last_handshake=handshake)
    liveness.observe(Actual("", 0, {KEY: peer}))


def resolver(**names: str | None) -> Resolver:
    known = {f"{name}.example.org": address for name, address in names.items()}
    made = Resolver(on_answer=lambda: None, resolve=known.get)
    for name in known:
        made.endpoint(f"{name}:1")
    made.settle(seconds=5)
    return made


def test_peer_without_handshake_is_not_alive(liveness: Liveness) -> None:
    observe(liveness, received=5, handshake=0)
    assert not liveness.is_alive(KEY)


def test_peer_with_a_fresh_handshake_is_alive_at_first_sight(
    liveness: Liveness, clock: Clock
) -> None:
    observe(liveness, received=5, handshake=int(clock.now) - 100)
    assert liveness.is_alive(KEY)


def test_peer_with_an_old_handshake_is_not(liveness: Liveness, clock: Clock) -> None:
    observe(liveness, received=5, handshake=int(clock.now) - 200)
    assert not liveness.is_alive(KEY)


def test_silent_peer_counts_as_gone(liveness: Liveness, clock: Clock) -> None:
    observe(liveness, received=5, handshake=int(clock.now))
    clock.now += SILENCE
    observe(liveness, received=5, handshake=int(clock.now) - int(SILENCE))
    assert not liveness.is_alive(KEY)


def test_growing_bytes_keep_a_peer_alive(liveness: Liveness, clock: Clock) -> None:
    observe(liveness, received=5, handshake=int(clock.now))
    clock.now += SILENCE
    observe(liveness, received=37, handshake=985)
    assert liveness.is_alive(KEY)


def test_peer_that_was_forgotten_is_not_alive(liveness: Liveness, clock: Clock) -> None:
    observe(liveness, received=5, handshake=int(clock.now))
    liveness.observe(Actual("", 0, {}))
    assert not liveness.is_alive(KEY)


def test_new_peer_gets_the_address_of_its_name(liveness: Liveness) -> None:
    endpoints = Endpoints(resolver(hub="192.0.2.1"), liveness)
    assert endpoints.choose(PEER, None) == "192.0.2.1:55820"


def test_name_that_does_not_resolve_yet_gives_none(liveness: Liveness) -> None:
    endpoints = Endpoints(resolver(hub=None), liveness)
    assert endpoints.choose(PEER, None) is None


def test_peer_that_has_moved_is_left_where_it_is_heard(liveness: Liveness, clock: Clock) -> None:
    endpoints = Endpoints(resolver(hub="192.0.2.1"), liveness)
    observe(liveness, received=5, handshake=int(clock.now))
    assert endpoints.choose(PEER, replace(NOW, endpoint="203.0.113.7:1234")) is None


def test_peer_that_is_gone_is_looked_for_at_its_name(liveness: Liveness) -> None:
    endpoints = Endpoints(resolver(hub="192.0.2.9"), liveness)
    observe(liveness, received=5, handshake=0)
    assert endpoints.choose(PEER, NOW) == "192.0.2.9:55820"


def test_right_endpoint_is_not_set_again(liveness: Liveness) -> None:
    endpoints = Endpoints(resolver(hub="192.0.2.1"), liveness)
    observe(liveness, received=5, handshake=0)
    assert endpoints.choose(PEER, NOW) is None


def test_new_name_in_the_state_counts_at_once(liveness: Liveness, clock: Clock) -> None:
    endpoints = Endpoints(resolver(hub="192.0.2.9"), liveness)
    plan = replace(plan_for(2), peers=(replace(PEER, endpoint="old.example.org:55820"),))
    endpoints.remember(plan)
    observe(liveness, received=5, handshake=int(clock.now))
    assert endpoints.choose(PEER, NOW) == "192.0.2.9:55820"


def test_peer_without_endpoint_in_the_state_is_left_alone(liveness: Liveness) -> None:
    endpoints = Endpoints(resolver(), liveness)
    assert endpoints.choose(replace(PEER, endpoint=""), None) is None


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("192.0.2.1:55820", "192.0.2.1:55820"),
        ("[2001:db8::1]:55820", "[2001:db8::1]:55820"),
    ],
)
def test_addresses_need_no_name_server(text: str, endpoint: str) -> None:
    assert Resolver(on_answer=lambda: None, resolve=lambda host: None).endpoint(text) == endpoint


def test_what_is_no_name_is_settled_like_any_other() -> None:
    own = Resolver(on_answer=lambda: None)
    assert own.endpoint("node3..example.org:1") is None
    own.settle(seconds=5)
    assert own._asking == set()


def test_dead_name_server_holds_nothing_up() -> None:
    release = threading.Event()

    def stuck(host: str) -> str | None:
        release.wait(10)
        return "192.0.2.1"

    answered = threading.Event()
    slow = Resolver(on_answer=answered.set, resolve=stuck)
    assert slow.endpoint("hub.example.org:1") is None
    slow.settle(seconds=0.01)
    release.set()
    assert answered.wait(5)
    assert slow.endpoint("hub.example.org:1") == "192.0.2.1:1"


def test_old_address_is_better_than_none(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["192.0.2.1"]
    flaky = Resolver(
        on_answer=lambda: None, resolve=lambda host: answers.pop() if answers else None
    )
    flaky.endpoint("hub.example.org:1")
    flaky.settle(seconds=5)
    monkeypatch.setattr("nodes.agent.vpn.resolver.TTL", -1.0)
    flaky.endpoint("hub.example.org:1")
    flaky.settle(seconds=5)
    assert flaky.endpoint("hub.example.org:1") == "192.0.2.1:1"


def test_answer_is_asked_for_once_while_it_is_young() -> None:
    asked: list[str] = []

    def resolve(host: str) -> str | None:
        asked.append(host)
        return None

    counting = Resolver(on_answer=lambda: None, resolve=resolve)
    counting.endpoint("hub.example.org:1")
    counting.settle(seconds=5)
    counting.endpoint("hub.example.org:1")
    counting.settle(seconds=5)
    assert asked == ["hub.example.org"]
