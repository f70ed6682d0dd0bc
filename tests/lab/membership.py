"""Create and join by the product's own API, as a person with a script would."""

from collections.abc import Callable
from typing import Any

from tests.lab.host import Host, expect
from tests.lab.waiting import eventually

VPN_NETWORK = "10.5.4.0/24"
ENDED = ("succeeded", "failed", "cancelled")


def creation(leader: Host, *, max_nodes: int | None = None) -> dict[str, object]:
    """What ``cluster/create`` is told."""
    asked: dict[str, object] = {
        "label": "Lab",
        "vpn_network": VPN_NETWORK,
        "endpoint": f"{leader.fqdn}:55820",
    }
    return asked | ({"max_nodes": max_nodes} if max_nodes else {})


def create(leader: Host, *, max_nodes: int | None = None) -> str:
    """Make a host the leader of a new cluster; returns the recovery key."""
    asked = creation(leader, max_nodes=max_nodes)
    answer = expect(leader.api("POST", "cluster/create/", asked), 202)
    succeed(leader, answer.body["operation"])
    return str(answer.body["recovery_key"])


def join_code(leader: Host, *, ttl_seconds: int | None = None) -> str:
    """A new join code."""
    asked = {"ttl_seconds": ttl_seconds} if ttl_seconds else {}
    return str(expect(leader.api("POST", "join-codes/", asked), 201).body["code"])


def ask_to_join(host: Host, *, code: str, **options: object) -> dict[str, Any]:
    """The operation that ``cluster/join`` opened."""
    answer = expect(host.api("POST", "cluster/join/", {"code": code, **options}), 202)
    return dict(answer.body["operation"])


def join(host: Host, *, leader: Host, **options: object) -> dict[str, Any]:
    """Join a host with a new code, and wait until both sides have it done."""
    ended = succeed(host, ask_to_join(host, code=join_code(leader), **options))
    eventually(lambda: status_of(leader, host) == "online", within=15)
    return ended


def succeed(host: Host, operation: dict[str, Any], *, within: float = 60) -> dict[str, Any]:
    """Wait for an operation's success."""
    ended = outcome(host, operation, within=within)
    if ended["state"] != "succeeded":
        raise AssertionError(f"{host.name}: {ended}")
    return ended


def outcome(host: Host, operation: dict[str, Any], *, within: float = 60) -> dict[str, Any]:
    """The operation as it ended."""
    path = f"operations/{operation['id']}/"

    def ended() -> dict[str, Any] | None:
        found = expect(host.api("GET", path), 200).body
        return dict(found) if found["state"] in ENDED else None

    answer: Callable[[], dict[str, Any] | None] = ended
    found = eventually(answer, within=within)
    assert found is not None
    return found


def named_token(leader: Host, *, name: str = "lab", login: str | None = None) -> str:
    """A new API token of the administrator's; it is good on every later leader too."""
    login = login or leader.log_in(**leader.administrator)["token"]
    answer = leader.request("POST", "/api/v1/tokens/", {"name": name}, token=login)
    return str(expect(answer, 201).body["token"])


def nodes(leader: Host) -> list[dict[str, Any]]:
    """The leader's list of nodes."""
    return list(expect(leader.api("GET", "nodes/"), 200).body["results"])


def all_online(leader: Host) -> bool:
    """Whether every node is heard of."""
    return all(node["status"] == "online" for node in nodes(leader))


def is_online(leader: Host, host: Host) -> bool:
    """Whether the leader hears a host, by the host's own number."""
    return any(node["id"] == host.node_id and node["status"] == "online" for node in nodes(leader))


def status_of(leader: Host, host: Host) -> str | None:
    """A host's status in the leader's list, by its name."""
    found = [node["status"] for node in nodes(leader) if node["fqdn"] == host.fqdn]
    return found[0] if found else None
