"""The real web beside a test's own database, for a program with a token."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from accounts.services.tokens import create_token
from audit.actor import Actor
from tests.accounts.factories import make_administrator
from tests.cluster.conftest import tls_certificate
from tests.node_files import write_node_file
from tests.web import Web, running_web

__all__ = ["served", "tls_certificate"]


@dataclass(frozen=True)
class Served:
    """What a program needs."""

    web: Web
    token: str

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.web.port}"

    @property
    def header(self) -> str:
        return f"Authorization: Bearer {self.token}"


@pytest.fixture
def served(tls_certificate: Path) -> Iterator[Served]:
    """Of a leader; the test fills the trail, which is empty but for the token."""
    node_file = Path(settings.STATE_DIR) / "node" / "node.json"
    node_file.parent.mkdir(parents=True, exist_ok=True)
    write_node_file(node_file, role="leader")
    _, token = create_token(make_administrator("ann"), actor=Actor.system(), name="program")
    try:
        with running_web(processes=1) as web:
            yield Served(web, token)
    finally:
        node_file.unlink()
        connections.close_all()
