"""The term that new events belong to: what the setting ``AUDIT_NODE`` says of this node."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Node(Protocol):
    """What the trail wants to know of the node that it is on."""

    @property
    def term(self) -> int: ...


def current_term() -> int:
    """0 on a node that belongs to no cluster."""
    return _find(settings.AUDIT_NODE)().term


@cache
def _find(path: str) -> Callable[[], Node]:
    found: Callable[[], Node] = import_string(path)
    return found
