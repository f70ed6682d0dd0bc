"""Installing, changing and removing an application, with a crash around every step."""

from typing import Any

import pytest

from audit.models import AuditEvent
from cluster.models import Cluster, InstalledApplication, Operation
from cluster.services.applications import request_state, request_uninstall
from cluster.services.operations import cancel
from cluster.workflows import application_change, application_install, application_remove
from nodes.models import Application, Command
from tests.cluster.factories import ADMIN, add_node, hear_from
from tests.cluster.installing import answer, ask_install, installed
from tests.cluster.replaying import BACK, FORWARDS, boundaries, set_failpoint, survive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _worker(cluster: Cluster) -> None:
    """Node 2, which is heard."""
    add_node(2)
    hear_from(2)


def obey() -> None:
    """The node does what it is told."""
    for command in Command.objects.filter(acknowledged_at=None):
        answer(command.verb)


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


@pytest.mark.parametrize("place", boundaries(application_install.WORKFLOW, FORWARDS))
def test_installation_survives_a_crash_anywhere(place: str, settings: Any) -> None:
    operation = ask_install()
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=obey)

    assert (crashed, operation.state) == (True, "succeeded")
    assert Application.objects.get(name="web").state == "running"
    assert events("application.installed") == 1


@pytest.mark.parametrize("place", boundaries(application_install.WORKFLOW, BACK))
def test_installation_is_taken_back_across_a_crash_anywhere(place: str, settings: Any) -> None:
    operation = ask_install()
    survive(operation, settings, between=lambda: None)
    cancel(operation, actor=ADMIN)
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=obey)

    assert (crashed, operation.state) == (True, "cancelled")
    assert not Application.objects.filter(name="web").exists()
    assert not Command.objects.filter(verb="install_application").exists()
    assert events("application.install.failed") == 1


@pytest.mark.parametrize("place", boundaries(application_change.WORKFLOW, FORWARDS))
def test_change_survives_a_crash_anywhere(place: str, settings: Any) -> None:
    operation = request_state(installed(), actor=ADMIN, action="stopped")
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=obey)

    assert (crashed, operation.state) == (True, "succeeded")
    assert InstalledApplication.objects.get().wanted == "stopped"
    assert events("application.changed") == 1


@pytest.mark.parametrize("place", boundaries(application_change.WORKFLOW, BACK))
def test_change_goes_back_across_a_crash_anywhere(place: str, settings: Any) -> None:
    operation = request_state(installed(), actor=ADMIN, action="stopped")
    survive(operation, settings, between=lambda: None)
    cancel(operation, actor=ADMIN)
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=obey)

    assert (crashed, operation.state) == (True, "cancelled")
    assert InstalledApplication.objects.get().wanted == "running"
    assert events("application.change.failed") == 1


@pytest.mark.parametrize("place", boundaries(application_remove.WORKFLOW, FORWARDS))
def test_removal_survives_a_crash_anywhere(place: str, settings: Any) -> None:
    operation = request_uninstall(installed(), actor=ADMIN, confirmation="web")
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=obey)

    assert (crashed, operation.state) == (True, "succeeded")
    assert not Application.objects.filter(name="web").exists()
    assert events("application.removed") == 1


def test_installation_that_nobody_took_up_in_time_leaves_nothing(settings: Any) -> None:
    operation = ask_install()
    Operation.objects.update(deadline=operation.created_at)

    survive(operation, settings, between=obey)

    assert (operation.state, operation.error_code) == ("failed", "operation_timed_out")
    assert not Application.objects.filter(name="web").exists()
