"""A cluster whose leader may change: asks whoever leads, with a token that every leader knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.lab import membership, states, wireguard
from tests.lab.client import Answer, Unreachable
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

MEMBERS = ("leader", "worker", "deposed")
SWITCH_LEADER = ("python", "manage.py", "switch_leader")


@dataclass(frozen=True)
class Fleet:
    """The hosts of a cluster, by the numbers of their nodes."""

    lab: Lab
    token: str
    recovery_key: str = field(default="", repr=False)

    @property
    def hosts(self) -> Mapping[int, Host]:
        """The members that have power."""
        able = [host for host in self.lab.hosts if host.is_on and host.role in MEMBERS]
        return {host.node_id: host for host in able if host.node_id}

    @property
    def leader(self) -> Host:
        """Who leads, by the agents' own word."""
        leading = [host for host in self.hosts.values() if host.role == "leader"]
        assert len(leading) == 1, f"leaders: {[host.name for host in leading]}"
        return leading[0]

    @property
    def workers(self) -> list[Host]:
        """Everybody else with power."""
        return [host for host in self.hosts.values() if host.role == "worker"]

    def api(self, method: str, path: str, json: object = None, *, timeout: float = 15) -> Answer:
        """Ask the present leader."""
        return self.leader.api(method, path, json, timeout=timeout)

    def address(self, node_id: int) -> str:
        """A node's address in the VPN."""
        return str(expect(self.api("GET", f"nodes/{node_id}/"), 200).body["vpn_address"])

    def is_whole(self, *, size: int) -> bool:
        """Whether so many nodes are in the list, online, and follow one leader in one term."""
        standing = [host.node for host in self.hosts.values()]
        if sorted(node["role"] for node in standing) != ["leader"] + ["worker"] * (size - 1):
            return False
        if len({(node["term"], (node["leader"] or {}).get("id")) for node in standing}) != 1:
            return False
        try:
            listed = membership.nodes(self.leader)
        except (Unreachable, AssertionError):
            return False
        return [node["status"] for node in listed] == ["online"] * size

    def wait_until_whole(self, *, size: int, within: float = 20) -> None:
        """Wait for everybody."""
        eventually(lambda: self.is_whole(size=size), within=within)

    def ask_to_promote(self, node_id: int, **options: object) -> dict[str, Any]:
        """The operation that a promotion's acceptance opened."""
        asked = {
            "confirmation": f"node{node_id}",
            "vpn_address": self.hosts[node_id].fqdn,
            "vpn_port": 55820,
        }
        answer = self.api("POST", f"nodes/{node_id}/promotion/", asked | options, timeout=30)
        return dict(expect(answer, 202).body["operation"])

    def promote(self, node_id: int, *, within: float = 30, **options: object) -> dict[str, Any]:
        """Promote a node, and wait for the operation's end, which is on the new leader."""
        operation = self.ask_to_promote(node_id, **options)
        return eventually(lambda: self._ended(node_id, operation["id"]), within=within, every=0.05)

    def _ended(self, node_id: int, operation: str) -> dict[str, Any]:
        host = self.hosts[node_id]
        try:
            answer = host.api("GET", f"operations/{operation}/", timeout=5)
        except Unreachable:
            return {}
        ended = answer.status == 200 and answer.body["state"] in membership.ENDED
        return dict(answer.body) if ended else {}

    def restore(self, *, size: int) -> None:
        """Power for everybody, and one leader for all, as an administrator would bring it about."""
        for host in self.lab.hosts:
            if not host.is_on:
                host.start()
                host.wait_until_ready()
        eventually(lambda: self._one_leads(size), within=30)
        leader = self.leader
        for host in self.hosts.values():
            if host.role == "deposed" or (host.node["leader"] or {}).get("id") != leader.node_id:
                self.switch(host, to=leader.node_id or 0)
        self.wait_until_whole(size=size, within=30)
        self.wait_until_all_know()

    def wait_until_all_know(self) -> None:
        """Wait until every worker holds the newest state."""
        leader, workers = self.leader, self.workers
        eventually(lambda: all(states.has_caught_up(host, leader) for host in workers), within=10)

    def rejoin(self, host: Host) -> None:
        """Join a machine that was removed or is new, by root's own commands.

        Nobody may know a password there: a machine that once led has the cluster's administrators.
        """
        leader = self.leader
        if host.role == "removed":
            host.exec("python", "manage.py", "clean_start", "--yes")
        code = membership.join_code(leader)
        host.exec("python", "manage.py", "join_cluster", "--json", stdin=code, timeout=60)
        host.use_token(self.token)
        eventually(lambda: membership.status_of(leader, host) == "online", within=15)

    def _one_leads(self, size: int) -> bool:
        """Also whether whoever led before has noticed that it does not."""
        roles = [host.role for host in self.hosts.values()]
        return len(roles) == size and roles.count("leader") == 1

    def follows(self, host: Host, *, leader: Host) -> bool:
        """Whether a host is a worker of that leader, in its term."""
        node, theirs = host.node, leader.node
        leads = (node["leader"] or {}).get("id") == theirs["node_id"]
        return bool(node["role"] == "worker" and leads and node["term"] == theirs["term"])

    def switch(
        self,
        host: Host,
        *,
        to: int,
        check: bool = True,
        stdin: str | None = None,
        **options: object,
    ) -> Any:
        """``switch-leader`` as root on a host."""
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = (*SWITCH_LEADER, f"--node={to}", "--yes", *words)
        return host.exec(*command, check=check, stdin=stdin, timeout=90)


def gather(make_lab: Callable[..., Lab], *, nodes: int, joined: int, max_nodes: int = 16) -> Fleet:
    """A new lab, whose first ``joined`` hosts are a cluster."""
    return found(make_lab(nodes=nodes, joined=0), joined=joined, max_nodes=max_nodes)


def found(lab: Lab, *, joined: int, max_nodes: int) -> Fleet:
    """Make the first hosts of a lab a cluster."""
    leader, *others = lab.hosts[:joined]
    recovery_key = membership.create(leader, max_nodes=max_nodes)
    for host in others:
        membership.join(host, leader=leader)
    fleet = replace(knowing(lab, membership.named_token(leader)), recovery_key=recovery_key)
    fleet.wait_until_all_know()
    return fleet


def knowing(lab: Lab, token: str) -> Fleet:
    """The lab's hosts, asked with that token from now on."""
    for host in lab.hosts:
        if host.node_id:
            host.use_token(token)
    return Fleet(lab, token)


def keys(hosts: list[Host]) -> set[str]:
    """All keys in all ``wg show`` of these hosts."""
    shown = [wireguard.show(host) for host in hosts]
    return {peer.key for interface in shown if interface for peer in interface.peers}


def serves(host: Host) -> bool:
    """Whether a host's console answers as the leader."""
    try:
        return host.api("GET", "cluster/", timeout=2).status == 200
    except Unreachable:
        return False
