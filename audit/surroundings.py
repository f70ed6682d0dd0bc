"""What the trail asks of the apps above it, which it does not know: settings name them."""

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from audit.actor import Actor

if TYPE_CHECKING:
    from rest_framework.request import Request


class Node(Protocol):
    """What the trail wants to know of the node that it is on."""

    @property
    def term(self) -> int: ...


class Signer(Protocol):
    """Whoever holds the node's identity key."""

    def sign(self, payload: bytes) -> str:
        """A detached signature, as text; safe to repeat."""
        ...


def current_term() -> int:
    """Of the leadership that this node knows; 0 on one that belongs to no cluster."""
    node: Node = _find(settings.AUDIT_NODE)()
    return node.term


def actor_of(request: "HttpRequest | Request") -> Actor:
    """Who sent the request."""
    actor: Actor = _find(settings.AUDIT_ACTOR)(request)
    return actor


def find_signer() -> Signer | None:
    """Who signs the manifests of exports; without one they have digests only."""
    if not settings.AUDIT_SIGNER:
        return None
    signer: Signer = _find(settings.AUDIT_SIGNER)()
    return signer


@cache
def _find(path: str) -> Any:
    return import_string(path)
