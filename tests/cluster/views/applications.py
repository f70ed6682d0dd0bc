"""Applications that nodes report."""

from typing import Any

from nodes.models import Application, Node


def run(node: Node, name: str, **values: Any) -> Application:
    given = {"engine": Application.Engine.CONTAINER, "state": "running"}
    return Application.objects.create(node=node, name=name, **(given | values))


def provide(node: Node, name: str, *, domain: str = "example.org") -> Application:
    return run(node, name, role=Application.Role.ACCOUNT_PROVIDER, domain=domain)
