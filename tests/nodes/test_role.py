"""The role: what the agent wrote last, without a restart."""

from typing import Any

from nodes import role
from nodes.role import Role
from tests.fakes import FakeAgent
from tests.nodes.agent.documents import CLUSTER, make_document, make_node


def found(agent: FakeAgent) -> None:
    keys: Any = agent.status()["keys"]
    agent.lead(make_document(make_node(1, keys)))


def test_machine_without_the_file_is_uninitialised(local_agent: FakeAgent) -> None:
    local_agent.node_file.unlink()
    assert role.current().role == Role.UNINITIALISED


def test_role_follows_the_agent(local_agent: FakeAgent) -> None:
    before = role.current().role
    found(local_agent)
    assert (before, role.current().role) == (Role.UNINITIALISED, Role.LEADER)


def test_leader_knows_its_cluster_and_itself(local_agent: FakeAgent) -> None:
    found(local_agent)
    current = role.current()
    assert current.is_leader
    assert (current.cluster, current.term, current.node_id) == (CLUSTER, 1, 1)
    assert current.leader is not None
    assert current.leader.console_url == "https://192.0.2.1:8443"


def test_reason_reaches_the_page(local_agent: FakeAgent) -> None:
    """S9: the welcome page of a node whose join failed says why."""
    local_agent.leave(reason="The leader did not answer.")
    assert role.current().reason == "The leader did not answer."


def test_file_that_has_not_changed_is_not_read_again(local_agent: FakeAgent) -> None:
    found(local_agent)
    assert role.current() is role.current()
