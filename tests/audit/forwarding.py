"""A receiver that is told of every event."""

from collections.abc import Iterator
from typing import Any

import pytest

from audit.actor import Actor
from audit.forwarding.receiver import Receiver
from audit.forwarding.service import change_forwarding
from tests.audit.syslog_receivers import FakeReceiver, receiving


def forward_to(port: int, **options: Any) -> None:
    receiver = Receiver("127.0.0.1", port, tls=False)
    change_forwarding(receiver, actor=Actor.system(), **options)


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    """One that takes everything, and is told of every event from the first on."""
    with receiving() as made:
        forward_to(made.port)
        yield made
