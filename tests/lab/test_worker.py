"""What a worker shows, holds and may do (S5, S58)."""

import contextlib
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from nodes.agent import document
from tests.lab import membership, rows
from tests.lab.agents import agent_token, sync
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def worker(lab: Lab) -> Host:
    """A worker."""
    return lab.host("node2")


def api_paths() -> list[str]:
    """Every path under ``/api/v1/``, with some value where it has a parameter."""
    found = (path for path in _paths(get_resolver().url_patterns) if path.startswith("api/v1/"))
    return sorted({"/" + _filled(path) for path in found})


def _filled(pattern: str) -> str:
    plain = re.sub(r"\(\?P<\w+>[^)]*\)|<(?:int:|str:|slug:)?\w+>", "2", pattern)
    return re.sub(r"<uuid:\w+>", str(uuid.UUID(int=2)), plain).replace("^", "").replace("$", "")


def _paths(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        whole = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, whole)
        else:
            yield whole


def holds_text(directory: Path, text: str) -> bool:
    """Whether any file under ``directory`` has these bytes."""
    needle = text.encode()
    files = (path for path in directory.rglob("*") if path.is_file())
    return any(needle in _content(path) for path in files)


def label_of(host: Host) -> str:
    """The cluster's label in the state that the host holds."""
    jws = (host.state_dir / "node" / "state.jws").read_text()
    return str(document.read_unverified(jws)["cluster"]["label"])


def _content(path: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return b""


def test_a_workers_console_says_what_it_is_and_links_to_the_leader(worker: Host) -> None:
    """S5."""
    page = expect(worker.request("GET", "/"), 200)
    assert "worker" in page.text.lower()
    assert 'href="https://node1.lab.test:8443"' in page.text


@pytest.mark.parametrize("path", ["/account/login/", "/nodes/", "/settings/", "/cluster/join/"])
def test_every_other_page_of_a_worker_leads_to_that_one(worker: Host, path: str) -> None:
    """S5."""
    answer = worker.request("GET", path)
    assert (answer.status, answer.headers.get("Location")) == (302, "/")


@pytest.mark.parametrize("path", ["nodes/", "cluster/", "join-codes/", "administrators/"])
def test_a_workers_api_names_the_leader(worker: Host, path: str) -> None:
    """S5."""
    answer = worker.request("GET", f"/api/v1/{path}")
    assert answer.status == 409
    assert answer.body["errors"][0]["code"] == "not_leader"
    assert "https://node1.lab.test:8443" in answer.body["errors"][0]["detail"]


def test_a_workers_key_opens_no_path_of_the_api(lab: Lab, worker: Host) -> None:
    """Not one method of one path, with the agent's token for this very cluster."""
    leader = lab.hosts[0]
    cluster = str(leader.node["cluster"])
    token = agent_token(worker, audience=cluster, issuer=worker.node_id)
    paths = api_paths()
    paths.remove("/api/v1/auth/login/")  # where people who are not logged in log in
    assert "/api/v1/nodes/" in paths
    opened = [
        (method, path, status)
        for path in paths
        for method in METHODS
        if (status := leader.request(method, path, token=token).status) not in (401, 403, 405)
    ]
    assert opened == []


def test_a_workers_key_cannot_speak_for_another_node(lab: Lab, worker: Host) -> None:
    leader, other = lab.hosts[0], lab.host("node3")
    cluster = str(leader.node["cluster"])
    forged = agent_token(worker, audience=cluster, issuer=other.node_id)
    answer = sync(leader, forged)
    assert (answer.status, answer.body["code"]) == (401, "cluster_auth_error")
    assert membership.status_of(leader, other) == "online"


def test_a_token_for_another_cluster_is_refused(lab: Lab, worker: Host) -> None:
    foreign = agent_token(worker, audience=str(uuid.uuid4()), issuer=worker.node_id)
    answer = sync(lab.hosts[0], foreign)
    assert (answer.status, answer.body["code"]) == (401, "cluster_auth_error")


def test_audit_events_are_on_the_leaders_disk_and_on_no_workers(lab: Lab) -> None:
    """S58: no byte of an event is found on another disk, in the database or beside it."""
    leader = lab.hosts[0]
    made = expect(leader.api("POST", "join-codes/", {}), 201).body["id"]
    expect(leader.api("DELETE", f"join-codes/{made}/"), 200, 204)
    event = rows.events(leader, "join_code.revoked")[0]
    assert event["target_id"] == made
    expect(leader.api("PATCH", "cluster/", {"label": f"Lab {made[:8]}"}), 200)
    eventually(
        lambda: {label_of(host) for host in lab.hosts[1:4]} == {f"Lab {made[:8]}"}, within=10
    )
    assert holds_text(leader.state_dir, event["request_id"])
    assert not any(holds_text(host.state_dir, event["request_id"]) for host in lab.hosts[1:4])
