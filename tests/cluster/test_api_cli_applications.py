"""``api-cli run``: what programs of root's do with applications at a shell."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cluster.models import InstalledApplication, Operation
from nodes.models import Command, Node
from tests.cluster.commanding import api_cli, as_root_without_celery, worker
from tests.cluster.installing import IMAGE, answer, installed

__all__ = ["as_root_without_celery", "worker"]
pytestmark = pytest.mark.django_db
WORD = "correct horse"
MISSPELT = {"node": 2, "name": "web", "image": IMAGE, "memmory": 64}


def answering(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """While the command waits, the node does what it is told."""

    def act(seconds: float) -> None:
        if Command.objects.filter(verb=verb, acknowledged_at=None).exists():
            answer(verb)
        Operation.objects.open().update(due_at=timezone.now())

    monkeypatch.setattr("cluster.management.root.time.sleep", act)


def test_application_is_installed_listed_and_removed(
    worker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "install_application")
    done = api_cli("install-application", node=2, name="web", image=IMAGE)
    assert done["operation"]["state"] == "succeeded"

    [listed] = api_cli("list-applications", node=2)["applications"]
    assert (listed["name"], listed["image"], listed["managed"]) == ("web", IMAGE, True)

    answering(monkeypatch, "remove_application")
    gone = api_cli("remove-application", application=listed["id"])
    assert gone["operation"]["state"] == "succeeded"
    assert api_cli("list-applications")["applications"] == []


def test_application_is_stopped(worker: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    application = installed().pk
    answering(monkeypatch, "set_application_state")
    done = api_cli("change-application", application=application, state="stopped")
    assert done["operation"]["state"] == "succeeded"
    assert InstalledApplication.objects.get(pk=application).wanted == "stopped"


def test_secret_comes_by_standard_input_and_is_told_to_nobody(
    worker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "install_application")
    wish = {"node": 2, "name": "web", "image": IMAGE, "secrets": {"WORD": WORD}}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(wish)))
    out, err = io.StringIO(), io.StringIO()
    call_command("api_cli", "run", "install-application", "--data", "-", stdout=out, stderr=err)
    assert WORD not in out.getvalue() + err.getvalue() + str(api_cli("list-applications"))
    assert WORD not in str(list(Operation.objects.values()) + list(Command.objects.values()))


@pytest.mark.parametrize(
    ("action", "data", "code"),
    [
        ("install-application", {"node": 2, "name": "web"}, "invalid_data"),
        ("install-application", MISSPELT, "invalid_data"),
        ("install-application", {"node": 9, "name": "web", "image": IMAGE}, "node_not_found"),
        ("change-application", {"application": 9, "state": "stopped"}, "application_not_installed"),
        ("change-application", {"application": 9}, "invalid_data"),
        ("remove-application", {"application": 9}, "application_not_installed"),
        ("get-application-logs", {"application": 9}, "application_not_installed"),
        ("get-application-logs", {"application": 9, "lines": 501}, "invalid_data"),
        ("list-applications", {"node": 9}, "node_not_found"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_asked_of_a_node(
    action: str, data: dict[str, Any], code: str, worker: Node
) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("api_cli", "run", action, "--data", json.dumps(data), stdout=out)
    assert json.loads(out.getvalue())["error"]["code"] == code
    assert not Command.objects.exists()
