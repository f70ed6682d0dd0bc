"""Installing, changing and removing applications, on the leader's side (S14, S19, S21)."""

import json
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import replica
from cluster.errors import NodeNotReachable
from cluster.errors.applications import (
    ApplicationNameTaken,
    ApplicationSecretMissing,
    HostNetworkRefused,
    HostPathRefused,
    PortTaken,
    PrivilegedRefused,
)
from cluster.errors.operations import OperationInProgress
from cluster.models import Cluster, InstalledApplication, Operation
from cluster.services.application_policy import change_application_policy
from cluster.services.applications import request_state
from cluster.services.operations import cancel, poke_applications
from nodes.agent import sealing
from nodes.models import Application, Command, Contact, Node
from nodes.services.applications import replace_applications
from tests.cluster.application_commands import events, worker
from tests.cluster.factories import ADMIN, add_node, carry_on, hear_from
from tests.cluster.installing import IMAGE, answer, ask_install, ask_template, installed
from tests.cluster.removals import add_application, ask_removal

__all__ = ["worker"]
pytestmark = pytest.mark.django_db


def open_command(verb: str) -> Command:
    return Command.objects.get(verb=verb, acknowledged_at=None)


def age(command: Command) -> None:
    """As if the node had been silent for a minute since."""
    Command.objects.filter(pk=command.pk).update(created_at=timezone.now() - timedelta(minutes=1))


def test_wish_of_a_later_leader_is_newer_though_the_last_changes_were_lost() -> None:
    """S40: generations begin again from the state that it held; what a node has must not seem newer
    to the node than what it is told now.
    """
    before = installed().revision
    Cluster.objects.update(term=2, generation=1)
    asked = request_state(InstalledApplication.objects.get(), actor=ADMIN, action="stopped")
    assert asked.parameters["revision"] > before


def test_definition_and_command_come_together_and_the_answer_ends_it() -> None:
    operation = carry_on(ask_install(environment={"A": "1"}))
    sent = open_command("install_application").arguments
    assert sent["definition"]["environment"] == {"A": "1"}
    assert (sent["wanted"], sent["allowed"]) == ("running", [])
    assert operation.steps.get(name="install").detail == "Waiting for node2."

    answer("install_application")
    carry_on(operation)

    row = Application.objects.get(node_id=2, name="web")
    assert (operation.state, row.state, row.managed) == ("succeeded", "running", True)
    assert (events("application.install.requested"), events("application.installed")) == (1, 1)


def test_progress_is_what_the_node_says_of_itself() -> None:
    doing = {"web": {"doing": "Fetching the image."}}
    Contact.objects.filter(node_id=2).update(health={"applications": doing})
    operation = carry_on(ask_install())
    assert operation.steps.get(name="install").detail == "Fetching the image."


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("image_not_found", "image_not_found"),
        ("port_taken", "port_taken"),
        ("application_unhealthy", "application_unhealthy"),
        ("of_a_later_release", "application_refused"),
    ],
)
def test_refusal_of_the_node_ends_it_with_its_reason_and_leaves_nothing(
    code: str, expected: str
) -> None:
    operation = carry_on(ask_install())
    answer("install_application", ok=False, code=code, detail="Because of the wind.")
    carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", expected)
    assert "Because of the wind." in operation.error_detail
    assert not Application.objects.filter(name="web").exists()
    assert not Command.objects.filter(acknowledged_at=None).exists()
    assert events("application.install.failed") == 1


def test_second_of_two_that_want_one_port_is_refused_before_its_node_is_asked() -> None:
    """Both were asked for before either had begun."""
    port = [{"container": 80, "host": 8080}]
    first, second = ask_install(name="one", ports=port), ask_install(name="two", ports=port)

    carry_on(first)
    carry_on(second)

    assert (first.state, second.state) == ("running", "failed")
    assert second.error_code == "port_taken"
    assert "Port 8080 of node2 is taken by one." in second.error_detail
    assert not Application.objects.filter(name="two").exists()
    assert Command.objects.get().arguments["definition"]["name"] == "one"


def test_second_try_works() -> None:
    operation = carry_on(ask_install())
    answer("install_application", ok=False, code="image_not_found", detail="x")
    carry_on(operation)
    assert installed().wanted == "running"


def test_secret_is_sealed_for_the_node_and_nowhere_else() -> None:
    identity = pyrage.x25519.Identity.generate()
    Node.objects.filter(pk=2).update(sealing_key=str(identity.to_public()))
    operation = carry_on(ask_install(given={"TOKEN": "hunter2-hunter2"}))

    sealed = open_command("install_application").arguments["sealed"]
    assert json.loads(sealing.open_sealed(sealed, identity=str(identity))) == {
        "TOKEN": "hunter2-hunter2"
    }
    exported = json.dumps(replica.export())
    assert "hunter2" not in exported
    assert sealed not in exported

    answer("install_application")
    carry_on(operation)
    assert not Command.objects.filter(verb="install_application").exists()
    assert "hunter2" not in str(list(AuditEvent.objects.values_list("details")))


def test_cancelled_installation_is_taken_back_on_the_node() -> None:
    operation = carry_on(ask_install())
    cancel(operation, actor=ADMIN)
    carry_on(operation)
    assert not Command.objects.filter(verb="install_application").exists()
    assert carry_on(operation).is_open
    answer("remove_application", removed=True)
    carry_on(operation)
    assert operation.state == "cancelled"
    assert not Application.objects.filter(name="web").exists()


def test_node_that_falls_silent_takes_it_back_when_it_is_heard() -> None:
    operation = carry_on(ask_install())
    silent = timezone.now() - timedelta(minutes=2)
    Contact.objects.filter(node_id=2).update(last_contact=silent)
    carry_on(operation)
    removal = open_command("remove_application")
    age(removal)

    carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", "node_not_reachable")
    assert removal.expires_at > timezone.now() + timedelta(days=29)


def test_offline_node_is_refused() -> None:
    Contact.objects.filter(node_id=2).update(last_contact=None)
    with pytest.raises(NodeNotReachable):
        ask_install()


@pytest.mark.parametrize(
    ("error", "definition"),
    [
        (PrivilegedRefused, {"privileged": True}),
        (HostNetworkRefused, {"network": "host"}),
        (HostPathRefused, {"volumes": [{"path": "/x", "source": "/etc"}]}),
        (ApplicationSecretMissing, {"secrets": ["TOKEN"]}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_what_nobody_allowed_is_refused_at_once(error: type[Exception], definition: Any) -> None:
    with pytest.raises(error):
        ask_install(**definition)
    assert not Operation.objects.filter(kind="install_application").exists()


def test_what_was_allowed_is_told_to_the_node() -> None:
    change_application_policy(actor=ADMIN, privileged=True)
    carry_on(ask_install(privileged=True))
    assert open_command("install_application").arguments["allowed"] == ["privileged"]
    assert events("application.policy.changed") == 1


def test_policy_that_stays_is_not_recorded() -> None:
    change_application_policy(actor=ADMIN, privileged=False)
    assert events("application.policy.changed") == 0


def test_name_of_a_container_of_the_node_is_taken() -> None:
    add_application(2, name="web")
    with pytest.raises(ApplicationNameTaken):
        ask_install()


def test_name_that_was_taken_meanwhile_is_left_alone() -> None:
    operation = ask_install()
    add_application(2, name="web")
    carry_on(operation)
    assert (operation.state, operation.error_code) == ("failed", "application_name_taken")
    assert Application.objects.filter(name="web", managed=False).exists()


def test_port_of_another_application_is_taken() -> None:
    installed(ports=[{"container": 80, "host": 8080}])
    with pytest.raises(PortTaken):
        ask_install(name="other", ports=[{"container": 81, "host": 8080}])


def test_one_operation_an_application_and_several_beside_each_other() -> None:
    ask_install()
    ask_install(name="other")
    with pytest.raises(OperationInProgress, match="install an application"):
        ask_install()


def test_membership_operation_is_not_in_the_way() -> None:
    ask_install()
    add_node(3)
    hear_from(3)
    assert ask_removal(3).is_open


def test_application_that_its_node_does_not_report_stays_in_the_list() -> None:
    installed()
    add_application(2, name="foreign")
    replace_applications(2, [], digest="d", token_at=Contact.objects.get(node_id=2).token_at)
    assert list(Application.objects.values_list("name", "state")) == [("web", "absent")]


def test_answer_wakes_the_operation() -> None:
    operation = carry_on(ask_install())
    poke_applications(2)
    operation.refresh_from_db()
    assert operation.poked


def test_template_is_installed_with_its_parameters() -> None:
    secrets = {"POSTGRES_PASSWORD": "correct horse battery"}
    carry_on(ask_template("postgres", database="app", port=5433, secrets=secrets))
    sent = open_command("install_application").arguments["definition"]
    assert sent["image"].startswith("docker.io/library/postgres:")
    assert sent["ports"] == [{"container": 5432, "host": 5433, "protocol": "tcp", "bind": "vpn"}]
    assert sent["secrets"] == ["POSTGRES_PASSWORD"]


def test_image_is_what_the_definition_names() -> None:
    assert installed().definition["image"] == IMAGE
