"""Changing, stopping and removing applications, on the leader's side (S14, S19, S21)."""

import pytest

from cluster.errors import ConfirmationMismatch
from cluster.models import InstalledApplication
from cluster.services.applications import (
    request_change,
    request_state,
    request_uninstall,
    wish_for_image,
)
from cluster.services.operations import cancel
from nodes.models import Command
from tests.cluster.application_commands import events, worker
from tests.cluster.factories import ADMIN, carry_on
from tests.cluster.installing import answer, installed

__all__ = ["worker"]
pytestmark = pytest.mark.django_db


def test_change_is_kept_when_the_node_has_done_it() -> None:
    before = installed(environment={"A": "1"})
    wish = wish_for_image(before.definition | {"environment": {"A": "2"}}, secrets={})
    operation = carry_on(request_change(before, actor=ADMIN, wish=wish))
    answer("install_application", image="localhost/site:2")
    carry_on(operation)

    before.refresh_from_db()
    assert before.definition["environment"] == {"A": "2"}
    assert before.application.image == "localhost/site:2"
    assert before.revision == operation.parameters["revision"]
    assert (events("application.change.requested"), events("application.changed")) == (1, 1)


def test_change_that_the_node_refuses_changes_nothing() -> None:
    before = installed(environment={"A": "1"})
    wish = wish_for_image(before.definition | {"environment": {"A": "2"}}, secrets={})
    operation = carry_on(request_change(before, actor=ADMIN, wish=wish))
    answer("install_application", ok=False, code="application_unhealthy", detail="Sick.")
    carry_on(operation)

    before.refresh_from_db()
    assert (operation.state, before.definition["environment"]) == ("failed", {"A": "1"})
    assert not Command.objects.filter(acknowledged_at=None).exists()
    assert events("application.change.failed") == 1


def test_cancelled_change_has_the_node_go_back() -> None:
    before = installed(environment={"A": "1"})
    wish = wish_for_image(before.definition | {"environment": {"A": "2"}}, secrets={})
    operation = carry_on(request_change(before, actor=ADMIN, wish=wish))
    cancel(operation, actor=ADMIN)
    assert carry_on(operation, times=2).is_open

    back = answer("install_application").arguments
    assert back["definition"]["environment"] == {"A": "1"}
    assert back["revision"] > operation.parameters["revision"]
    assert carry_on(operation).state == "cancelled"


@pytest.mark.parametrize(
    ("action", "wanted", "state"),
    [
        ("stopped", "stopped", "stopped"),
        ("running", "running", "running"),
        ("restarted", "running", "running"),
    ],
)
def test_state_is_set(action: str, wanted: str, state: str) -> None:
    before = installed()
    operation = carry_on(request_state(before, actor=ADMIN, action=action))
    assert answer("set_application_state").arguments["state"] == action
    carry_on(operation)
    before.refresh_from_db()
    assert (operation.state, before.wanted, before.application.state) == (
        "succeeded",
        wanted,
        state,
    )


def test_removal_forgets_it_when_the_node_has_done_it() -> None:
    operation = request_uninstall(installed(), actor=ADMIN, confirmation="web", wipe=True)
    carry_on(operation)
    assert answer("remove_application", removed=True).arguments["wipe"] is True
    carry_on(operation)
    assert operation.state == "succeeded"
    assert not InstalledApplication.objects.exists()
    assert (events("application.removal.requested"), events("application.removed")) == (1, 1)


def test_removal_that_the_node_refuses_keeps_it() -> None:
    operation = carry_on(request_uninstall(installed(), actor=ADMIN, confirmation=""))
    answer("remove_application", ok=False, code="podman_failed", detail="It hangs.")
    carry_on(operation)
    assert (operation.state, operation.error_code) == ("failed", "podman_failed")
    assert InstalledApplication.objects.exists()
    assert events("application.removal.failed") == 1


@pytest.mark.parametrize(("typed", "wipe"), [("", True), ("Web", True), ("other", False)])
def test_wiping_needs_the_name(typed: str, wipe: bool) -> None:
    with pytest.raises(ConfirmationMismatch):
        request_uninstall(installed(), actor=ADMIN, confirmation=typed, wipe=wipe)
