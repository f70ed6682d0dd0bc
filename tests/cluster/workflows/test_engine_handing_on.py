"""Operations that end here and go on elsewhere, and points of no return inside an act."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cluster.models import Operation
from cluster.services import operations
from cluster.workflows.engine import Run, Step, Wait
from tests.cluster.factories import ADMIN, carry_on
from tests.cluster.workflows.toys import World, install, opened, step_states

pytestmark = pytest.mark.django_db


def test_rest_is_left_to_another_node(monkeypatch: pytest.MonkeyPatch) -> None:
    def move(run: Run) -> None:
        run.continue_on("node3")

    world = World()
    install(monkeypatch, world.step("a"), Step("move", act=move), world.step("c"))

    operation = carry_on(opened())

    assert (operation.state, operation.progress) == ("succeeded", 100)
    assert step_states(operation) == [("a", "succeeded"), ("move", "succeeded"), ("c", "skipped")]
    assert operation.steps.get(name="c").detail == "Continues on node3."
    assert world.story == ["a"]


def no_return(run: Run) -> None:
    run.pass_no_return(deadline=timedelta(hours=1))
    raise Wait(5, "It is done, and nobody knows.")


def test_act_may_be_tried_long_behind_its_point_of_no_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, Step("sign", act=no_return))

    operation = carry_on(opened())

    assert (operation.irreversible, operation.cancellable) == (True, False)
    assert operation.deadline > timezone.now() + timedelta(minutes=59)


def test_cancel_comes_before_the_point_of_no_return_or_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody cancels while the act is on its way to it."""
    signed: list[str] = []

    def sign(run: Run) -> None:
        operations.cancel(Operation.objects.get(pk=run.operation.pk), actor=ADMIN)
        run.pass_no_return(deadline=timedelta(hours=1))
        signed.append("signed")

    install(monkeypatch, Step("sign", act=sign))

    operation = carry_on(opened())

    assert (operation.state, signed) == ("cancelled", [])


def test_worker_that_lost_its_lease_passes_no_point_of_no_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sign(run: Run) -> None:
        Operation.objects.update(lease=None)
        run.pass_no_return(deadline=timedelta(hours=1))

    install(monkeypatch, Step("sign", act=sign))

    operation = carry_on(opened())

    assert (operation.state, operation.irreversible) == ("running", False)


def test_what_an_act_has_found_is_kept_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []

    def look(run: Run) -> None:
        found.append(run.data.get("asked"))
        run.data["asked"] = 7
        raise Wait(1)

    install(monkeypatch, Step("look", act=look))
    operation = opened()

    carry_on(operation, times=2)

    assert found == [None, 7]
