"""Taking over: the database becomes what the last state says, whatever it said before."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet

from accounts.models import Session
from accounts.services.tokens import create_token
from audit.models import AuditEvent
from cluster import follow_ups, replica, state
from cluster.errors.leadership import NodeIsAlreadyLeader, SealedPartUnreadable, StateNotHeld
from cluster.models import Cluster, FollowUp, IdempotencyKey, JoinCode, SignedState
from cluster.services import takeover
from nodes.agent import document as documents
from nodes.agent import tokens
from nodes.models import Command, Contact, Node
from nodes.services.commands import send_command
from tests.accounts.factories import browser, client_with, enable_totp, login, make_administrator
from tests.cluster.factories import ADMIN, add_node, make_code
from tests.cluster.pairs import Pair

pytestmark = pytest.mark.django_db


def take_over(pair: Pair, **changes: Any) -> dict[str, Any]:
    """Node 2 imports what it holds, as after the loss of node 1."""
    pair.become(2)
    document, sealed = takeover.open_held_state()
    wanted: dict[str, Any] = {
        "document": document,
        "sealed": sealed,
        "term": 2,
        "handover": None,
        "endpoint": None,
        "actor": ADMIN,
        "reason": "the leader is lost",
    }
    return takeover.import_state(**(wanted | changes))


def test_administrators_their_factors_and_tokens_are_those_of_before(
    pair: Pair, settings: Any
) -> None:
    """S28, S38."""
    ann = make_administrator("ann", full_name="Ann")
    application, _ = enable_totp(ann)
    _, token = create_token(ann, actor=ADMIN, name="backup")
    pair.spread()
    before = replica.export()["accounts"]
    settings.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()

    made = take_over(pair)
    pair.agents[2].lead(made, approved=True)

    assert replica.export()["accounts"] == before
    assert client_with(token).get("/api/v1/account/").json()["full_name"] == "Ann"
    assert login(username="ann", otp=application.code()).status_code == 200


def test_nodes_are_those_of_before_and_this_one_leads(pair: Pair) -> None:
    add_node(3, label="third", distribution="debian 12")
    pair.spread()
    fields = [field.name for field in Node._meta.concrete_fields if field.name != "role"]
    before = list(Node.objects.values(*fields))

    take_over(pair)

    assert list(Node.objects.values(*fields)) == before
    assert list(Node.objects.filter(role="leader").values_list("pk", flat=True)) == [2]


def test_cluster_goes_on_one_term_and_one_generation_later(pair: Pair) -> None:
    held = pair.spread()

    made = take_over(pair, handover={"signed": "by node 1"})

    cluster = Cluster.objects.get()
    assert (made["term"], made["generation"]) == (2, held["generation"] + 1)
    assert (cluster.term, cluster.generation, cluster.next_node_id) == (2, 2, 3)
    assert (made["leader"], made["handover"]) == (2, {"signed": "by node 1"})
    assert made["built_on"] == {"term": 1, "generation": held["generation"]}
    assert cluster.frozen_until is None


def test_new_leader_has_the_endpoint_that_it_was_given(pair: Pair) -> None:
    pair.spread()

    made = take_over(pair, endpoint="192.0.2.2:4711")

    assert made["nodes"][1]["endpoint"] == "192.0.2.2:4711"


def test_removed_node_is_known_by_its_keys_for_ever(pair: Pair) -> None:
    """S20: it may come back after the change of leader."""
    gone = add_node(3, state=Node.State.REMOVED, vpn_address=None)
    pair.spread()

    take_over(pair)

    found = Node.objects.get(pk=3)
    assert (found.state, found.identity_key, found.fqdn) == (
        "removed",
        gone.identity_key,
        gone.fqdn,
    )
    assert Cluster.objects.get().next_node_id == 4


def test_follow_ups_travel(pair: Pair) -> None:
    kind = FollowUp.Kind.SHUT_DOWN_NODE
    follow_ups.note(kind, subject="node7", detail="Shut node7 down.", node=7)
    follow_ups.settle(follow_ups.note(kind, subject="node6", detail="Done."), actor=ADMIN)
    pair.spread()

    take_over(pair)

    assert list(FollowUp.objects.open().values_list("subject", "node")) == [("node7", 7)]
    assert FollowUp.objects.exclude(settled_at=None).get().settled_by == "alice"


def test_nothing_of_the_nodes_former_life_survives(pair: Pair) -> None:
    """What is not in the state would be a second truth."""
    held = pair.spread()
    ann = make_administrator("local")
    browser(ann)
    IdempotencyKey.objects.create(administrator=ann, key="k", fingerprint="f")
    make_code()
    send_command(Node.objects.get(pk=2), verb=Command.Verb.REFRESH, arguments={}, actor=ADMIN)
    add_node(9)
    FollowUp.objects.create(kind=FollowUp.Kind.LOG_STORE, detail="Local.")
    events = AuditEvent.objects.count()

    take_over(pair)

    for model in (IdempotencyKey, JoinCode, Command, FollowUp, Session, SignedState):
        assert not model._default_manager.exists()
    assert replica.export()["accounts"]["administrators"] == []
    assert Node.objects.count() == len(held["nodes"])
    assert AuditEvent.objects.count() == events + 1


def test_token_that_the_last_leader_may_have_seen_is_refused(pair: Pair) -> None:
    pair.spread()
    old = pair.agents[1].token(audience="any")
    seen = tokens.read_unverified(old).issued_at_us

    take_over(pair)

    assert Contact.objects.filter(token_at__gt=seen).count() == 2
    assert not Contact.objects.exclude(last_contact=None).exists()


def test_second_import_gives_the_same(pair: Pair) -> None:
    """A crash between import and the agent's signature is healed by asking again."""
    make_administrator("ann")
    pair.spread()
    first = take_over(pair)
    exported = replica.export()

    second = take_over(pair)
    jws = pair.agents[2].lead(second, approved=True)

    assert without_time(second) == without_time(first)
    assert replica.export()["accounts"] == exported["accounts"]
    assert documents.read_unverified(jws)["term"] == 2
    assert AuditEvent.objects.filter(action="leadership.taken").count() == 1


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    """A sealed part is another each time that it is sealed."""
    return document | {"issued_at": "", "sealed": ""}


def test_trail_says_who_led_before_and_where_its_trail_ended(pair: Pair) -> None:
    """S29."""
    make_administrator("ann")
    pair.spread()
    head = json.loads(pair.agents[2].open_state()["plaintext"])["audit"]

    take_over(pair)

    taken = AuditEvent.objects.get(action="leadership.taken")
    built_on = taken.details["built_on"]
    assert (built_on["leader"], built_on["term"], built_on["audit"]) == (1, 1, head)
    assert (taken.details["reason"], taken.term, taken.user) == ("the leader is lost", 2, "alice")


def test_leader_of_the_term_imports_nothing_over_what_it_has_accepted_since(pair: Pair) -> None:
    pair.spread()
    pair.agents[2].lead(take_over(pair), approved=True)

    with pytest.raises(NodeIsAlreadyLeader):
        take_over(pair)


def test_failing_import_leaves_everything_as_it_was(pair: Pair) -> None:
    pair.spread()
    before = Cluster.objects.values().get()

    with pytest.raises(KeyError):
        take_over(pair, sealed={"accounts": {"administrators": []}})

    assert Cluster.objects.values().get() == before
    assert Node.objects.get(role="leader").pk == 1


def test_sealed_part_of_a_later_release_is_refused(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "SCHEMA", 2)
    state.bump()
    pair.spread()
    pair.become(2)

    with pytest.raises(SealedPartUnreadable):
        takeover.open_held_state()


def test_state_that_changed_between_its_two_parts_is_not_used(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pair.agents[2].open_state()["jws"]
    pair.spread()
    state.bump()
    pair.spread()
    agent = pair.become(2)
    newest = agent.open_state()
    monkeypatch.setattr(agent, "open_state", lambda: newest | {"jws": first})

    with pytest.raises(StateNotHeld):
        takeover.open_held_state()
