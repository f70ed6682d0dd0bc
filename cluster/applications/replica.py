"""What a later leader must know of applications; no secret is among it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cluster.models import ApplicationPolicy, InstalledApplication
from nodes.agent.applications.definition import ALLOWANCES
from nodes.models import Application, Node

FIELDS = ("template", "parameters", "definition", "wanted", "revision")
PLACE = ("name", "role", "domain", "image")
Json = Mapping[str, Any]


def export() -> dict[str, Any]:
    """JSON-ready."""
    installed = InstalledApplication.objects.select_related("application").order_by("pk")
    return {
        "policy": ApplicationPolicy.load().to_json(),
        "installed": [_describe(each) for each in installed],
    }


def restore(described: Json) -> None:
    """Replace what is here, in the caller's transaction; the nodes are there already."""
    ApplicationPolicy.objects.all().delete()
    allowed = {name: described.get("policy", {}).get(name) is True for name in ALLOWANCES}
    ApplicationPolicy.objects.create(**allowed)
    known = set(Node.objects.values_list("pk", flat=True))
    _restore(each for each in described.get("installed", ()) if each["node"] in known)


def _describe(installed: InstalledApplication) -> dict[str, Any]:
    application = installed.application
    place = {name: getattr(application, name) for name in PLACE}
    own = {name: getattr(installed, name) for name in FIELDS}
    created = installed.created_at.isoformat()
    return {"node": application.node_id, "created_at": created, **place, **own}


def _restore(described: Iterable[Json]) -> None:
    for each in described:
        application = Application.objects.create(
            node_id=each["node"],
            engine=Application.Engine.CONTAINER,
            state="unknown",
            managed=True,
            **{name: each[name] for name in PLACE},
        )
        InstalledApplication.objects.create(
            application=application,
            created_at=datetime.fromisoformat(each["created_at"]),
            **{name: each[name] for name in FIELDS},
        )
