"""A receiver of logs, and who sends to it."""

from pathlib import Path
from typing import Any

import pytest

from audit.actor import Actor
from audit.forwarding.receiver import Receiver
from cluster.logs.forwarding.delivery import forward
from cluster.models import Cluster, LogForwarding
from cluster.services.log_forwarding import change_log_forwarding
from tests.cluster.logs.days import BEGIN


@pytest.fixture
def store(cluster: Cluster, tmp_path: Path, settings: Any) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path / "logs"


def send_to(port: int, *, begun_at: Any = BEGIN) -> None:
    receiver = Receiver("127.0.0.1", port, tls=False)
    change_log_forwarding(receiver, actor=Actor.system())
    LogForwarding.objects.update(begun_at=begun_at)


def forward_all() -> None:
    while forward(seconds=0):
        pass
