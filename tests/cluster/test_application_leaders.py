"""Applications when the leader changes: definitions travel, and what was begun is ended."""

import json

import pytest

from cluster import replica
from cluster.applications import replica as applications
from cluster.inheritance import inherit
from cluster.models import ApplicationPolicy, InstalledApplication, Operation
from cluster.services.application_policy import change_application_policy
from cluster.services.applications import request_uninstall
from cluster.services.queries import get_leader
from nodes.models import Application, Command
from tests.cluster.application_commands import worker
from tests.cluster.factories import ADMIN, carry_on
from tests.cluster.installing import answer, ask_install, installed

__all__ = ["worker"]
pytestmark = pytest.mark.django_db


def test_definitions_and_policy_travel_to_the_next_leader() -> None:
    before = installed(environment={"A": "1"}, role="account-provider", domain="example.org")
    change_application_policy(actor=ADMIN, host_paths=True)
    described = json.loads(json.dumps(applications.export()))
    Application.objects.all().delete()
    ApplicationPolicy.objects.all().delete()

    applications.restore(described)

    after = InstalledApplication.objects.get()
    assert (after.definition, after.revision) == (before.definition, before.revision)
    assert (after.application.role, after.application.domain) == ("account-provider", "example.org")
    assert ApplicationPolicy.load().allowed == ["host_paths"]


def test_state_of_an_older_version_says_nothing_of_applications() -> None:
    applications.restore({})
    assert (InstalledApplication.objects.count(), ApplicationPolicy.load().allowed) == (0, [])


def carry_on_elsewhere(operation: Operation) -> Operation:
    """Another leader inherits what the lost one was at."""
    described = json.loads(json.dumps(replica.export()))["operations"]
    Operation.objects.all().delete()
    Command.objects.all().delete()
    inherit(described, leader=get_leader())
    return carry_on(Operation.objects.get(pk=operation.pk))


def test_installation_of_a_lost_leader_is_taken_back() -> None:
    """What was given in confidence was known there only."""
    operation = carry_on(ask_install(given={"TOKEN": "x"}))
    operation = carry_on_elsewhere(operation)
    answer("remove_application", removed=True)
    carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", "leader_lost")
    assert not Application.objects.filter(name="web").exists()


def test_removal_of_a_lost_leader_goes_on() -> None:
    operation = carry_on(request_uninstall(installed(), actor=ADMIN, confirmation="web"))
    operation = carry_on_elsewhere(operation)
    answer("remove_application", removed=True)

    assert carry_on(operation).state == "succeeded"
