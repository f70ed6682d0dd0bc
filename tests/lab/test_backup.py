"""Backup and restoration on real machines (S9, S27)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab import membership, people
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab
PASSWORD = "violet harbour lantern 42"


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Lab:
    """A cluster of two, and a machine that belongs to nobody."""
    return make_lab(nodes=3, joined=2)


def set_password(leader: Host) -> None:
    expect(leader.api("PUT", "cluster/backup/password/", {"password": PASSWORD}), 204)


def status(leader: Host) -> dict[str, Any]:
    return dict(expect(leader.api("GET", "cluster/backup/"), 200).body)


def back_up(leader: Host) -> dict[str, Any]:
    """As the API is asked for it."""
    answer = expect(leader.api("POST", "cluster/backup/"), 202)
    return membership.outcome(leader, answer.body["operation"], within=120)


def newest_file(leader: Host) -> Path:
    return leader.state_dir / "backup" / str(status(leader)["file"]["name"])


def log_in(host: Host, credentials: dict[str, str], **more: str) -> Any:
    return host.request("POST", "/api/v1/auth/login/", {**credentials, **more})


def promote(leader: Host, to: Host) -> None:
    asked = {
        "confirmation": f"node{to.node_id}",
        "vpn_address": to.fqdn,
        "vpn_port": 55820,
    }
    expect(leader.api("POST", f"nodes/{to.node_id}/promotion/", asked), 202)
    eventually(lambda: to.role == "leader", within=60)


def test_promoted_leader_asks_for_the_password_until_it_is_set(ships: Lab) -> None:
    """S27."""
    old, new, _ = ships.hosts
    token = membership.named_token(old)
    set_password(old)
    assert back_up(old)["state"] == "succeeded"

    promote(old, new)
    new.use_token(token)

    refused = new.api("POST", "cluster/backup/")
    assert (refused.status, refused.body["errors"][0]["code"]) == (409, "backup_password_missing")
    assert status(new)["last_good_at"] is not None
    assert "backup_password" in open_follow_ups(new)
    set_password(new)
    assert "backup_password" not in open_follow_ups(new)
    assert back_up(new)["state"] == "succeeded"


def open_follow_ups(leader: Host) -> set[str]:
    return {each["kind"] for each in follow_ups(leader) if each["settled_at"] is None}


def follow_ups(leader: Host) -> list[dict[str, Any]]:
    return list(expect(leader.api("GET", "follow-ups/"), 200).body["results"])


def test_backup_is_restored_on_a_fresh_machine(ships: Lab) -> None:
    """With the old leader still there: neither knows of the other."""
    leader = next(host for host in ships.hosts if host.role == "leader")
    worker = next(host for host in ships.hosts if host.role == "worker")
    fresh = ships.hosts[2]
    credentials = dict(ships.hosts[0].administrator)  # the one who created the cluster
    person = people.Person(leader, credentials["username"], credentials["password"])
    leader.use_token(person.log_in())
    person.enable_two_factor()
    assert back_up(leader)["state"] == "succeeded"
    before = leader.node

    command = ("python", "manage.py", "restore_cluster", str(newest_file(leader)))
    fresh.exec(*command, "--password-file", "-", stdin=f"{PASSWORD}\n", timeout=120)

    assert (fresh.role, fresh.node_id) == ("leader", 3)
    assert fresh.node["cluster"] == before["cluster"]
    assert fresh.node["term"] > before["term"]
    assert log_in(fresh, credentials).status == 401
    fresh.use_token(log_in(fresh, credentials, otp=person.next_code()).body["token"])
    lost = {each["subject"] for each in follow_ups(fresh) if each["kind"] == "lost_node"}
    assert lost == {"node1", "node2"}
    assert [node["id"] for node in membership.nodes(fresh)] == [3]
    assert leader.node == before
    assert worker.node["leader"]["id"] == leader.node_id
