"""What has happened to this node's leadership and membership, as ``node.json`` remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HandedOver:
    """This node led, and gave ``term`` to the node ``to``: by this link, and by no other ever."""

    term: int
    to: int
    link: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BuiltOn:
    """The state that this node held when it took the lead, and who had signed it."""

    term: int
    generation: int
    leader: int
    identity_key: str


@dataclass(frozen=True, slots=True)
class Contest:
    """A member that says that another leads a later term."""

    node_id: int
    term: int
    leader: int


@dataclass(frozen=True, slots=True)
class Successor:
    """Who leads instead of this node, which is deposed; ``built_on`` is what it says that its term
    began with.
    """

    id: int
    fqdn: str
    console_url: str
    term: int
    built_on: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """When this node learnt that it is no member any more, and from which leader."""

    at: str
    leader: int
    confirmed: bool = False
    """Whether the leader knows that this node knows."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What root did on this node, for the leader's audit trail."""

    id: str
    at: str
    by: str
    verb: str
    node_id: int
    late_changes: int = 0
    """How much was changed on this node after another led, if it led itself."""
