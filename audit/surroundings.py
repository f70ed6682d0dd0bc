"""What the trail asks of the apps above it, which it does not know: settings name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import structlog
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


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """How long a node's trail was, and the hash of its last event, in the node's own word."""

    trail: int
    """The node whose trail it is."""
    term: int
    count: int
    hash: str
    time: datetime
    jws: str


class Custodian(Protocol):
    """Whoever holds the node's identity key, and knows those of the others.

    What signs raises DomainError when it refuses, or when it does not answer.
    """

    @property
    def trail(self) -> int:
        """The number of this node; 0 without a cluster."""
        ...

    def sign_checkpoint(self, *, count: int, hash: str) -> SignedCheckpoint:
        """Refuses one that contradicts what it has signed before; safe to repeat."""
        ...

    def sign_manifest(self, manifest: Mapping[str, Any]) -> str: ...

    def own_checkpoints(self) -> list[SignedCheckpoint]:
        """What was signed before, as this machine remembers it beside its database."""
        ...

    def read_checkpoints(self, told: list[str]) -> list[SignedCheckpoint]:
        """Those of this node's own trail that it has signed itself."""
        ...

    def signer_of(
        self, manifest: Mapping[str, Any], *, signature: str, key: str = ""
    ) -> int | None:
        """The node that signed just this; None for nobody whom the cluster, or ``key``, knows."""
        ...


def current_term() -> int:
    """Of the leadership that this node knows; 0 on one that belongs to no cluster."""
    node: Node = _find(settings.AUDIT_NODE)()
    return node.term


def current_request() -> str:
    """The id, in log and answer, of the web request that is being served; "" outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def actor_of(request: "HttpRequest | Request") -> Actor:
    """Who sent the request."""
    actor: Actor = _find(settings.AUDIT_ACTOR)(request)
    return actor


def custodian() -> Custodian:
    """Who signs for this node's trail."""
    found: Custodian = _find(settings.AUDIT_CUSTODIAN)()
    return found


def ask_witnesses() -> None:
    """Have every node that can be asked say now what it remembers of this trail."""
    _find(settings.AUDIT_WITNESSES)()


@cache
def _find(path: str) -> Any:
    return import_string(path)
