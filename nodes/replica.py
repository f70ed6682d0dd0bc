"""Tells whoever replicates nodes that something of theirs has changed: this app does not know who."""

from collections.abc import Callable

_listeners: list[Callable[[], object]] = []


def on_change(listener: Callable[[], object]) -> None:
    """Call ``listener`` in the transaction of every change of what the state says of nodes."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed() -> None:
    """Say, inside the transaction, that replicated data has changed."""
    for listener in _listeners:
        listener()
