"""A node's states, and what people see of them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from nodes.errors import NodeStateConflict
from nodes.models import Contact, Node
from tests.nodes.factories import make_node

pytestmark = pytest.mark.django_db
State = Node.State
ALLOWED = {
    (State.JOINING, State.ACTIVE),
    (State.ACTIVE, State.REMOVING),
    (State.REMOVING, State.REMOVED),
}
PAIRS = [(source, target) for source in State for target in State]


@pytest.mark.parametrize(("source", "target"), [pair for pair in PAIRS if pair in ALLOWED])
def test_node_moves_on(source: Node.State, target: Node.State) -> None:
    node = make_node(state=source)

    node.transition_to(target)

    node.refresh_from_db()
    assert node.state == target


@pytest.mark.parametrize(("source", "target"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_node_moves_nowhere_else(source: Node.State, target: Node.State) -> None:
    node = make_node(state=source)

    with pytest.raises(NodeStateConflict):
        node.transition_to(target)

    node.refresh_from_db()
    assert node.state == source


def test_stale_copy_is_refused() -> None:
    stale = make_node(state=State.JOINING)
    Node.objects.get().transition_to(State.ACTIVE)

    with pytest.raises(NodeStateConflict):
        stale.transition_to(State.ACTIVE)


@pytest.mark.parametrize("name", ["fqdn", "vpn_address", "identity_key", "wireguard_key"])
def test_two_members_share_nothing(name: str) -> None:
    first = make_node(1)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_node(2, **{name: getattr(first, name)})


@pytest.mark.parametrize("name", ["fqdn", "vpn_address", "identity_key", "wireguard_key"])
def test_what_a_removed_node_had_may_be_given_again(name: str) -> None:
    first = make_node(1, state=State.REMOVED)

    assert make_node(2, **{name: getattr(first, name)}).pk == 2


def test_there_is_one_leader() -> None:
    """S1."""
    make_node(1, role=Node.Role.LEADER)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_node(2, role=Node.Role.LEADER)


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "online"), (7.5, "online"), (8.5, "offline"), (None, "offline")]
)
def test_active_node_is_online_while_it_is_heard(seconds: float | None, status: str) -> None:
    node = make_node(state=State.ACTIVE)
    last = None if seconds is None else timezone.now() - timedelta(seconds=seconds)
    Contact.objects.create(node=node, last_contact=last)

    assert node.status == status


@pytest.mark.parametrize("state", [State.JOINING, State.REMOVING, State.REMOVED])
def test_other_states_speak_for_themselves(state: Node.State) -> None:
    node = make_node(state=state)
    Contact.objects.create(node=node, last_contact=timezone.now())

    assert str(node.status) == str(state)
