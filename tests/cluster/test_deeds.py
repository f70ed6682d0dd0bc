"""Deeds of root that agents bring with a sync; and who is silent, as the leader's own is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from cluster.models import FollowUp
from nodes.models import Node
from tests.cluster.factories import hear_from, send_sync
from tests.cluster.fleets import Fleet
from tests.cluster.leading import DEED

pytestmark = pytest.mark.django_db


def test_leaders_own_agent_is_told_who_is_silent(fleet: Fleet) -> None:
    hear_from(2)

    answer = fleet.machines[2].sync(source="10.5.4.2")
    own = own_sync(fleet)

    assert own["silent"] == [3]
    assert "silent" not in answer.json()


@pytest.mark.parametrize(("seconds", "silent"), [(3, [2]), (5, [2, 3])])
def test_node_is_silent_once_it_has_missed_two_calls(
    fleet: Fleet, seconds: int, silent: list[int]
) -> None:
    """So that a leader that was replaced knows it within ten seconds."""
    hear_from(3, last_contact=timezone.now() - timedelta(seconds=seconds))

    assert own_sync(fleet)["silent"] == silent


def test_removed_node_is_not_silent(fleet: Fleet) -> None:
    Node.objects.filter(pk=3).update(state=Node.State.REMOVED)
    hear_from(2)

    assert own_sync(fleet)["silent"] == []


def own_sync(fleet: Fleet) -> dict[str, Any]:
    answer: dict[str, Any] = send_sync(fleet.agents[1], Client()).json()
    return answer


def test_what_root_did_on_a_worker_is_in_the_trail_once(fleet: Fleet) -> None:
    """S44: by root there, whatever the node says."""
    deeds = [DEED | {"node_id": 3}]

    noted = [fleet.machines[2].sync(deeds=deeds).json()["deeds_noted"] for _ in range(2)]

    event = AuditEvent.objects.get(action="leadership.approved")
    assert noted == [["d1"], ["d1"]]
    assert (event.user, event.user_kind) == ("root@node2.example.org", "root")
    assert (event.interface, event.target_id) == ("command", "3")
    assert event.details["at"] == DEED["at"]


def test_late_changes_of_a_former_leader_become_a_follow_up(fleet: Fleet) -> None:
    fleet.machines[2].sync(deeds=[DEED | {"node_id": 3, "late_changes": 2}])

    follow_up = FollowUp.objects.get(kind=FollowUp.Kind.LATE_WRITES)
    assert (follow_up.subject, follow_up.node) == ("node2", 2)
    assert "2 changes were made there too late" in follow_up.detail


def test_worker_that_never_led_leaves_no_follow_up(fleet: Fleet) -> None:
    fleet.machines[2].sync(deeds=[DEED | {"node_id": 3}])

    assert not FollowUp.objects.exists()


def test_deed_of_a_later_version_is_forgotten(fleet: Fleet) -> None:
    answer = fleet.machines[2].sync(deeds=[DEED | {"node_id": 3, "verb": "dance"}])

    assert answer.json()["deeds_noted"] == ["d1"]
    assert not AuditEvent.objects.filter(action="leadership.approved").exists()


@pytest.mark.parametrize("deeds", ["x", [1], [{}], [DEED], [DEED | {"node_id": "3"}]])
def test_deed_without_shape_is_refused(fleet: Fleet, deeds: Any) -> None:
    assert fleet.machines[2].sync(deeds=deeds).status_code == 400
