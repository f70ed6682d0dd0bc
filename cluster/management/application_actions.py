"""The actions of ``api-cli`` about applications: they take what the API takes."""

from rest_framework import serializers

from accounts.management.actions import Actions, Answer, Strict
from audit.actor import Actor
from cluster.applications.standing import standing_of
from cluster.errors.applications import ApplicationNotInstalled
from cluster.management.root import check_leads, check_may_change
from cluster.models import InstalledApplication, Operation
from cluster.services import applications
from cluster.services.application_logs import read_logs
from cluster.services.application_wishes import (
    ChangeSerializer,
    InstallSerializer,
    changed_wish,
    wish_from,
)
from nodes.models import Application
from nodes.services.nodes import find_node


class OfNode(Strict):
    node = serializers.IntegerField(min_value=1, required=False)


class Install(Strict, InstallSerializer):
    """A misspelt field is refused here."""


class NamedApplication(Strict):
    application = serializers.IntegerField(min_value=1)


class Change(NamedApplication, ChangeSerializer):
    def validate(self, attrs: Answer) -> Answer:
        super().validate({key: attrs[key] for key in attrs if key != "application"})
        return attrs


class Remove(NamedApplication):
    """Its own name has to be given to wipe what was stored."""

    confirmation = serializers.CharField(max_length=40, default="", trim_whitespace=False)
    wipe_volumes = serializers.BooleanField(default=False)


class LogsOf(NamedApplication):
    lines = serializers.IntegerField(min_value=1, max_value=500, default=100)


def list_applications(data: Answer, *, actor: Actor) -> Answer:
    """What runs on all nodes, or on one of them, as the nodes said last."""
    check_leads()
    listed = Application.objects.listed().select_related("node__contact").order_by("id")
    if "node" in data:
        listed = listed.filter(node=find_node(data["node"]))
    return {"applications": [_describe(each) for each in listed]}


def install_application(data: Answer, *, actor: Actor) -> Operation:
    """Install one, and wait until it is healthy."""
    check_may_change()
    wish = wish_from(data, name=data["name"])
    return applications.request_install(find_node(data["node"]), actor=actor, wish=wish)


def change_application(data: Answer, *, actor: Actor) -> Operation:
    """Start, stop or restart one, or change what it is."""
    installed = _find(data)
    if "state" in data:
        return applications.request_state(installed, actor=actor, action=data["state"])
    wish = changed_wish(data, installed)
    return applications.request_change(installed, actor=actor, wish=wish)


def remove_application(data: Answer, *, actor: Actor) -> Operation:
    """Remove one; what it has stored is wiped only if its name is given, too."""
    return applications.request_uninstall(
        _find(data), actor=actor, confirmation=data["confirmation"], wipe=data["wipe_volumes"]
    )


def get_application_logs(data: Answer, *, actor: Actor) -> Answer:
    """The last lines that it wrote, and what it uses."""
    check_leads()
    logs = read_logs(_find_installed(data), lines=data["lines"])
    return {"lines": list(logs.lines), "usage": dict(logs.usage)}


def _find(data: Answer) -> InstalledApplication:
    check_may_change()
    return _find_installed(data)


def _find_installed(data: Answer) -> InstalledApplication:
    application = Application.objects.listed().filter(pk=data["application"]).first()
    if application is None:
        detail = f"No node has an application {data['application']}."
        raise ApplicationNotInstalled(field="application", detail=detail)
    return applications.find_installed(application)


def _describe(application: Application) -> Answer:
    standing = standing_of(application)
    names = ("id", "name", "image", "state", "ports", "role", "domain", "managed")
    told = {name: getattr(application, name) for name in names}
    return {
        **told,
        "node": application.node_id,
        "health": standing.health,
        "detail": standing.detail,
    }


ACTIONS: Actions = {
    "list-applications": (OfNode, list_applications),
    "install-application": (Install, install_application),
    "change-application": (Change, change_application),
    "remove-application": (Remove, remove_application),
    "get-application-logs": (LogsOf, get_application_logs),
}
