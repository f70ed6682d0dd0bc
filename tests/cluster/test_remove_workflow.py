"""The removal itself: who forgets the node when, and what is left (S17, S20 to S22)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import state
from cluster.models import Cluster, FollowUp, Operation, SignedState
from cluster.services.sync import find_silent
from nodes.agent import document
from nodes.models import Application, Command, Contact, Node
from nodes.services.commands import send_probe
from tests.cluster.factories import Newcomer, add_node, carry_on, hear_from, make_code
from tests.cluster.removals import add_application, add_provider, ask_removal
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(cluster: Cluster) -> Node:
    """A worker that is heard."""
    node = add_node(2)
    hear_from(2)
    return node


def step(operation: Operation, name: str) -> tuple[str, str]:
    row = operation.steps.get(name=name)
    return row.state, row.detail


def confirm_farewell() -> None:
    Contact.objects.filter(node_id=2).update(farewell_at=timezone.now())


def late(operation: Operation, name: str) -> None:
    """As if that step had begun long ago."""
    long_ago = timezone.now() - timedelta(minutes=1)
    operation.steps.filter(name=name).update(started_at=long_ago)


def signed_statuses() -> dict[int, str]:
    """The newest signed state's word on each node."""
    newest = SignedState.objects.latest("generation")
    return {node["id"]: node["status"] for node in document.read_unverified(newest.jws)["nodes"]}


def test_removed_node_is_in_no_state(online: Node) -> None:
    """S20."""
    operation = ask_removal()
    confirm_farewell()

    carry_on(operation)
    state.publish()

    online.refresh_from_db()
    assert (operation.state, online.state) == ("succeeded", "removed")
    assert signed_statuses() == {1: "active"}


def test_node_is_revoked_and_signed_away_at_once(online: Node) -> None:
    operation = carry_on(ask_removal())

    online.refresh_from_db()
    assert (online.state, online.status) == ("removing", "removing")
    assert signed_statuses() == {1: "active", 2: "removing"}
    assert (operation.irreversible, operation.cancellable) == (True, False)


def test_revocation_takes_the_nodes_queue(online: Node) -> None:
    send_probe(online, arguments={"hosts": []})

    carry_on(ask_removal())

    assert not Command.objects.exists()


def test_removal_can_be_cancelled_until_it_begins(online: Node) -> None:
    operation = ask_removal()
    Operation.objects.update(cancel_requested=True)

    carry_on(operation)

    online.refresh_from_db()
    assert (operation.state, online.state) == ("cancelled", "active")
    assert AuditEvent.objects.filter(action="node.removal.failed").count() == 1


def test_applications_that_came_after_the_confirmation_stop_it(online: Node) -> None:
    """S16: a replica of an account provider may have been installed meanwhile."""
    operation = ask_removal()
    add_provider()

    carry_on(operation)

    online.refresh_from_db()
    assert (operation.state, operation.error_code) == ("failed", "applications_changed")
    assert online.state == "active"


def test_hub_forgets_the_node_before_anybody_else_is_waited_for(
    online: Node, local_agent: FakeAgent
) -> None:
    add_node(3)
    hear_from(3)
    local_agent.machine.applies = False

    operation = carry_on(ask_removal())

    assert step(operation, "drop_peer") == (
        "running",
        "Waiting for this machine's VPN to forget the node: not yet",
    )


def test_every_online_node_is_waited_for(online: Node) -> None:
    add_node(3)
    hear_from(3)
    operation = carry_on(ask_removal())
    assert step(operation, "drop_peer") == ("running", "Waiting for node3 to forget the node.")

    hear_from(3, term=1, applied_generation=operation.data["generation"])
    carry_on(operation)

    assert step(operation, "drop_peer")[0] == "succeeded"


def test_node_that_follows_a_later_leader_has_forgotten_it(online: Node) -> None:
    add_node(3)
    hear_from(3, term=2, applied_generation=1)

    operation = carry_on(ask_removal())

    assert step(operation, "drop_peer")[0] == "succeeded"


def test_offline_node_is_named_and_not_waited_for(online: Node) -> None:
    add_node(3)

    operation = carry_on(ask_removal())

    assert step(operation, "drop_peer") == (
        "succeeded",
        "Offline, and told when they return: node3.",
    )


def test_online_node_that_does_not_follow_holds_nothing_up_for_ever(online: Node) -> None:
    add_node(3)
    hear_from(3)
    operation = carry_on(ask_removal())
    late(operation, "drop_peer")

    carry_on(operation)

    state_of_step, detail = step(operation, "drop_peer")
    assert state_of_step == "skipped"
    assert "Waiting for node3" in detail
    assert step(operation, "tell")[0] == "running"


def test_agent_that_is_down_holds_nothing_up_for_ever(online: Node, local_agent: FakeAgent) -> None:
    """It forgets the node when it runs again: the state says so."""
    local_agent.available = False
    operation = carry_on(ask_removal())
    late(operation, "drop_peer")
    carry_on(operation)
    late(operation, "tell")

    carry_on(operation)

    online.refresh_from_db()
    assert (operation.state, online.state) == ("succeeded", "removed")


def test_node_that_does_not_confirm_holds_nothing_up_for_ever(online: Node) -> None:
    operation = carry_on(ask_removal())
    late(operation, "tell")

    carry_on(operation)

    assert (operation.state, step(operation, "tell")[0]) == ("succeeded", "skipped")


def test_unreachable_node_is_not_waited_for(cluster: Cluster) -> None:
    add_node(2)

    operation = carry_on(ask_removal(force=True))

    assert (operation.state, step(operation, "tell")[0]) == ("succeeded", "skipped")


def test_sync_of_a_node_that_has_applied_wakes_the_removal(
    member: Newcomer, cluster: Cluster
) -> None:
    add_node(3)
    hear_from(3)
    operation = carry_on(ask_removal(3))
    later = timezone.now() + timedelta(minutes=5)
    Operation.objects.filter(pk=operation.pk).update(due_at=later, poked=False)

    member.sync(source="10.5.4.2", applied_generation=operation.data["generation"])

    operation.refresh_from_db()
    assert (operation.poked, operation.due_at < later) == (True, True)


def test_nothing_of_the_node_is_kept_but_its_name_and_keys(online: Node) -> None:
    """Its applications and its queue are gone from here; the key stays, to tell it for ever."""
    add_application()
    operation = ask_removal()
    confirm_farewell()

    carry_on(operation)

    online.refresh_from_db()
    assert (Application.objects.count(), Command.objects.count()) == (0, 0)
    assert (online.fqdn, online.vpn_address) == ("node2.example.org", None)
    assert online.identity_key


def test_address_is_given_again_and_the_number_never(cluster: Cluster, newcomer: Newcomer) -> None:
    add_node(2)
    carry_on(ask_removal(force=True))

    answer = newcomer.enrol(make_code()[1])

    again = Node.objects.get(pk=answer.json()["node_id"])
    assert (again.pk, again.vpn_address, again.fqdn) == (3, "10.5.4.2", "node2.example.org")


def test_removal_is_recorded_once(online: Node) -> None:
    """S44."""
    add_application(name="web")
    operation = ask_removal()
    confirm_farewell()

    carry_on(operation)

    event = AuditEvent.objects.get(action="node.removed")
    assert (event.user, event.node, event.operation) == ("alice", 2, operation.pk)
    assert event.details["applications"] == ["web"]


def test_people_are_reminded_to_shut_it_down(online: Node) -> None:
    """S22."""
    add_application(name="web")
    operation = ask_removal()
    confirm_farewell()

    carry_on(operation)

    follow_up = FollowUp.objects.open().get()
    assert (follow_up.kind, follow_up.subject, follow_up.node) == ("shut_down_node", "node2", 2)
    assert "web" in follow_up.detail


def test_what_an_unreachable_node_leaves_over_is_listed(cluster: Cluster) -> None:
    """S17."""
    add_node(2)
    add_provider()

    carry_on(ask_removal(force=True))

    follow_up = FollowUp.objects.open().get(kind="remove_leftovers")
    assert "samba1 (example.org)" in follow_up.detail


def test_unreachable_node_without_replicas_leaves_nothing_over(cluster: Cluster) -> None:
    add_node(2)

    carry_on(ask_removal(force=True))

    follow_up = FollowUp.objects.open().get()
    assert follow_up.kind == "shut_down_node"
    assert "learns that it was removed" in follow_up.detail


def test_removed_nodes_silence_is_no_news(online: Node) -> None:
    """S22: its absence raises no alarm."""
    operation = ask_removal()
    confirm_farewell()
    carry_on(operation)

    assert find_silent() == ()
