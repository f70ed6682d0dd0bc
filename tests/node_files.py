"""``node.json`` as the agent writes it, for tests of what web and commands make of it."""

import json
from pathlib import Path

import pytest
from django.conf import settings

LEADER = {
    "id": 1,
    "fqdn": "node1.example.org",
    "console_url": "https://node1.example.org:8443/",
    "identity_key": "k",
    "tls_fingerprint": "f",
}


def write_node_file(path: Path, *, role: str, **more: object) -> None:
    """A node in ``role`` of a cluster that node 1 leads."""
    content = {"schema": 1, "role": role, "node_id": 1, "term": 1, "leader": LEADER} | more
    path.write_text(json.dumps(content))


@pytest.fixture
def node_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this node's role is read from; the node leads until a test writes otherwise."""
    path = tmp_path / "node.json"
    monkeypatch.setattr(settings.FLOTILLA, "NODE_FILE", path)
    write_node_file(path, role="leader")
    return path
