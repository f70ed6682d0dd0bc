"""Applications as tests ask for them, and a node that answers as it is told."""

from typing import Any

from django.utils import timezone

from cluster.models import InstalledApplication, Operation
from cluster.services.applications import request_install, wish_for_image, wish_for_template
from nodes.models import Command, Node
from tests.cluster.factories import ADMIN, carry_on

IMAGE = "localhost/site:1"
OK = {"revision": 1, "image": IMAGE, "wanted": "running"}


def ask_install(number: int = 2, *, name: str = "web", **values: Any) -> Operation:
    """An image on a node, with the definition and the secrets of ``values``."""
    secrets = values.pop("given", {})
    definition = {"name": name, "image": IMAGE} | values
    wish = wish_for_image(definition, secrets=secrets)
    return request_install(Node.objects.get(pk=number), actor=ADMIN, wish=wish)


def ask_template(slug: str, number: int = 2, *, name: str = "web", **parameters: Any) -> Operation:
    """Something of the catalogue."""
    secrets = parameters.pop("secrets", {})
    wish = wish_for_template(slug, name=name, parameters=parameters, secrets=secrets)
    return request_install(Node.objects.get(pk=number), actor=ADMIN, wish=wish)


def answer(verb: str, *, ok: bool = True, **data: Any) -> Command:
    """The node answers the open command of this verb."""
    command = Command.objects.get(verb=verb, acknowledged_at=None)
    command.acknowledged_at = timezone.now()
    command.result = {"ok": ok, "data": data or OK}
    command.save()
    return command


def installed(number: int = 2, *, name: str = "web", **values: Any) -> InstalledApplication:
    """One that runs."""
    operation = carry_on(ask_install(number, name=name, **values))
    answer("install_application")
    carry_on(operation)
    assert operation.state == Operation.State.SUCCEEDED, operation.error_detail
    return InstalledApplication.objects.get(application__node_id=number, application__name=name)
