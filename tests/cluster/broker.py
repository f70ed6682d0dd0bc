"""A broker in this process, which shows what was sent."""

from collections.abc import Iterator
from queue import Empty
from typing import Any

import pytest

from config.celery import app


class Broker:
    """What lies in the product's one queue."""

    def sent(self) -> list[tuple[str, list[Any]]]:
        """Take all messages: each task's name, and its arguments."""
        taken = []
        with app.connection_for_read() as connection:
            queue = connection.SimpleQueue(app.conf.task_default_queue)
            try:
                while True:
                    message = queue.get_nowait()
                    message.ack()
                    taken.append((message.headers["task"], list(message.payload[0])))
            except Empty:
                return taken


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """In the embedded broker's place for one test."""
    monkeypatch.setattr(app.conf, "broker_read_url", "memory://")
    monkeypatch.setattr(app.conf, "broker_write_url", "memory://")
    monkeypatch.setattr(app.amqp, "_producer_pool", None)  # made anew for this broker
    made = Broker()
    made.sent()
    yield made
    made.sent()
