"""Removals, as tests ask for them."""

from typing import Any

from cluster.models import Operation
from cluster.services.removal import preview_removal, request_removal
from nodes.models import Application, Node
from tests.cluster.factories import ADMIN


def add_application(number: int = 2, *, name: str = "web", **values: Any) -> Application:
    """A container on that node."""
    given = {"engine": Application.Engine.CONTAINER, "state": "running"}
    return Application.objects.create(node_id=number, name=name, **(given | values))


def add_provider(number: int = 2, *, name: str = "samba1") -> Application:
    """A replica of the account provider of example.org."""
    role = Application.Role.ACCOUNT_PROVIDER
    return add_application(number, name=name, role=role, domain="example.org")


def ask_removal(number: int = 2, **values: Any) -> Operation:
    """A removal that is confirmed as it should be, unless ``values`` says otherwise."""
    node = Node.objects.get(pk=number)
    wanted = {"confirmation": f"node{number}", "digest": preview_removal(node).digest}
    return request_removal(node, actor=ADMIN, **(wanted | values))
