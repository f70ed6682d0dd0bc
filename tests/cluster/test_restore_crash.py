"""Restoring survives a crash anywhere, and ends where the agent does not answer."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import state
from cluster.models import Cluster, Operation
from cluster.services.restoring import request_restore
from cluster.workflows.failpoints import SimulatedCrash
from cluster.workflows.restore import WORKFLOW
from nodes.models import Node
from tests.cluster.backups import PASSWORD, Elsewhere, elsewhere, jobs
from tests.cluster.factories import ADMIN, carry_on, hear_from
from tests.cluster.restoring import assert_untouched, there

__all__ = ["elsewhere", "jobs", "there"]
pytestmark = pytest.mark.django_db


def carry_to_the_end(operation: Operation, settings: Any) -> int:
    """Through a crash, which frees the lease; returns how many there were."""
    crashes = 0
    for _ in range(6):
        try:
            carry_on(operation)
        except SimulatedCrash:
            crashes += 1
            Operation.objects.filter(pk=operation.pk).update(lease_until=timezone.now())
        for node in Node.objects.filter(role="leader"):
            hear_from(node.pk)
    Path(settings.FAILPOINTS).unlink(missing_ok=True)
    operation.refresh_from_db()
    return crashes


PLACES = [
    f"restore.{step.name}.{place}"
    for step in WORKFLOW.steps
    for place in ("before", "act", "after")
]


@pytest.mark.parametrize("place", PLACES)
def test_restoration_survives_a_crash_anywhere(place: str, there: Elsewhere, settings: Any) -> None:
    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)
    Path(settings.FAILPOINTS).write_text(f"{place}:raise")

    crashes = carry_to_the_end(operation, settings)

    assert (crashes, operation.state) == (1, "succeeded")
    assert Cluster.objects.get().term == 1_001
    assert set(Administrator.objects.values_list("username", flat=True)) == {"ann"}
    assert state.find_signed() is not None
    assert AuditEvent.objects.filter(action="cluster.restored").count() == 1


def test_nothing_is_written_before_the_agent_has_signed(there: Elsewhere, settings: Any) -> None:
    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)
    Path(settings.FAILPOINTS).write_text("restore.take_over.act:raise")

    with pytest.raises(SimulatedCrash):
        carry_on(operation)

    assert there.agent.status()["role"] == "leader"
    assert set(Administrator.objects.values_list("username", flat=True)) == {"first-start"}
    assert not Cluster.objects.exists()


def test_cancel_while_the_agent_signs_leaves_the_machine_as_before(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)
    sign = there.agent.lead

    def sign_and_be_cancelled(document: Any, *, approved: bool = False) -> str:
        jws = sign(document, approved=approved)
        Operation.objects.update(cancel_requested=True)
        return jws

    monkeypatch.setattr(there.agent, "lead", sign_and_be_cancelled)

    carry_on(operation, times=3)

    assert operation.state == "cancelled"
    assert_untouched(there)


def test_machine_is_as_before_when_its_agent_never_answers(there: Elsewhere) -> None:
    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)
    there.agent.available = False
    carry_on(operation)
    Operation.objects.update(deadline=timezone.now())
    carry_on(operation)
    there.agent.available = True

    carry_on(operation, times=3)

    assert operation.state == "failed"
    assert_untouched(there)
    assert AuditEvent.objects.filter(action="cluster.restore.failed").count() == 1


def test_cancelled_restoration_leaves_the_machine_as_before(there: Elsewhere) -> None:
    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)
    Operation.objects.filter(pk=operation.pk).update(cancel_requested=True)

    carry_on(operation, times=3)

    assert operation.state == "cancelled"
    assert_untouched(there)
