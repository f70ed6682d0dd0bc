"""How an app tells those above it, whom it does not know, that something has happened."""

from collections.abc import Callable

Listener = Callable[[], None]


class Announcement:
    """Called inside the transaction of what it is about; all who listen are called in it."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def __call__(self) -> None:
        for listener in self.listeners:
            listener()

    def to(self, listener: Listener) -> None:
        """Call ``listener`` each time from now on, and once however often it is named."""
        if listener not in self.listeners:
            self.listeners.append(listener)
