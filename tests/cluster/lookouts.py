"""Three nodes that look at node 2, and what each of them answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models.signals import post_save

from cluster.models import Cluster
from config.version import VERSION
from nodes.models import Command, Node
from nodes.services.commands import acknowledge_command
from tests.cluster.factories import add_node, hear_from

ENDPOINT = "192.0.2.2:55820"
Json = dict[str, Any]


def add_fleet() -> Node:
    """Nodes 2 and 3 beside the leader, all of them heard and up to date; gives node 2."""
    for number in (2, 3):
        add_node(number, eligible=True, version=VERSION)
    Node.objects.filter(pk=1).update(version=VERSION)
    cluster = Cluster.objects.get()
    for number in (1, 2, 3):
        hear_from(number, term=cluster.term, generation=cluster.generation)
    return Node.objects.get(pk=2)


def host(**changes: Any) -> Json:
    """Node 2's name and HTTPS as they should be."""
    return {
        "node_id": 2,
        "ok": True,
        "failed": "",
        "detail": "",
        "addresses": ["192.0.2.2"],
        "tls_fingerprint": Node.objects.get(pk=2).tls_fingerprint,
        "node": 2,
    } | changes


def peer(number: int, **changes: Any) -> Json:
    """A peer that is heard where it should be."""
    return {
        "node_id": number,
        "known": True,
        "heard": True,
        "unasked": True,
        "endpoint": ENDPOINT,
        "announced": ENDPOINT,
    } | changes


def vpn(*peers: Json, **changes: Any) -> Json:
    return {"state": "up", "reason": None, "peers": list(peers)} | changes


class Lookouts:
    """What each node answers; a test changes what it is about. A silent one does not answer."""

    def __init__(self) -> None:
        seen = [vpn(peer(2, unasked=False)) for _ in (1, 3)]
        self.hosts = {1: [host()], 2: [], 3: [host()]}
        self.vpns = {1: seen[0], 2: vpn(peer(1), peer(3)), 3: seen[1]}
        self.results: dict[int, Any] = {}
        """In place of a whole result, as the agent sends it."""
        self.silent: set[int] = set()

    def see(self, number: int, **changes: Any) -> None:
        """Node 2's name and HTTPS, seen from there."""
        self.hosts[number] = [host(**changes)]

    def hear(self, number: int, other: int, **changes: Any) -> None:
        """The peer ``other``, heard there."""
        self.vpns[number]["peers"] = [
            known | changes if known["node_id"] == other else known
            for known in self.vpns[number]["peers"]
        ]

    def answer(self, command: Command) -> None:
        number = command.node_id
        data = {"hosts": self.hosts[number], "vpn": self.vpns[number]}
        result = self.results.get(number, {"ok": True, "data": data})
        acknowledge_command(number, command_id=command.pk, **result)

    @contextmanager
    def on_duty(self) -> Iterator[None]:
        """Each answers as soon as it is asked."""

        def asked(instance: Command, created: bool, **rest: Any) -> None:
            if created and instance.node_id not in self.silent:
                self.answer(instance)

        post_save.connect(asked, sender=Command)
        try:
            yield
        finally:
            post_save.disconnect(asked, sender=Command)
