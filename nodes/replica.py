"""Tells whoever replicates nodes that something of theirs has changed; who, it does not know."""

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Call ``listener`` in the transaction of every change of what the state says of nodes."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed() -> None:
    """Say, inside the transaction, that replicated data has changed."""
    for listener in _listeners:
        listener()
