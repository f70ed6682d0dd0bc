"""A node with its sync loop, against a leader for one test."""

from pathlib import Path
from typing import Any

from nodes.agent.commands import Commands
from nodes.agent.facts import Facts
from nodes.agent.membership import Membership
from nodes.agent.sync.client import Client
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.courting import Courtship
from nodes.agent.sync.finder import Finder
from nodes.agent.sync.loop import SyncLoop
from nodes.agent.sync.report import Reporter
from nodes.agent.sync.routes import Routes
from nodes.agent.sync.vigil import Vigil
from nodes.agent.vpn.enforcer import WireGuardKey
from nodes.agent.vpn.reconciler import Reconciler
from tests.fakes import FakeMachine
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.fakes import FakeInterface, FakeInventory
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.members import entry


class Node:
    """A node with its loop; each ``step`` is one sync."""

    def __init__(self, member: Membership, *, certificate: Path, console_port: int = 1) -> None:
        self.member = member
        self.interface = FakeInterface(public_key=member.keys.wireguard_public)
        self.interface.impossible = "this is a test"
        self.reconciler = Reconciler(
            self.interface,
            key=lambda: WireGuardKey(member.keys.wireguard_public, "/key"),
            holding=lambda: member.holding,
            listen_port=55820,
            on_answer=lambda: None,
        )
        self.commands = Commands(
            {"greet": lambda arguments: {"said": arguments["word"]}}, on_result=lambda: None
        )
        clock = LeaderClock(member.issuer)
        self.clock = clock
        self.vigil = Vigil(member)
        self.inventory = FakeInventory()
        facts = Facts(fqdn="node2.example.org", vpn_interface="wg0")
        reporter = Reporter(
            membership=member,
            machine=FakeMachine(member),
            facts=facts,
            commands=self.commands,
            clock=clock,
            inventory=self.inventory,
        )
        self.loop = SyncLoop(
            membership=member,
            reconciler=self.reconciler,
            reporter=reporter,
            commands=self.commands,
            clock=clock,
            routes=Routes(
                hub_is_alive=lambda: False,
                own_console=("127.0.0.1", console_port),
                own_certificate=certificate,
            ),
            client=Client(),
            finder=Finder(member, Courtship(member)),
            vigil=self.vigil,
        )

    def step(self) -> float | None:
        self.reconciler.run_once()
        return self.loop.step()


def generation(leader: Membership, worker: Membership, number: int, stub: StubLeader) -> str:
    """A state in which node 2 is active."""
    way = {"console_url": stub.url, "tls_fingerprint": stub.fingerprint}
    nodes = (entry(leader, 1, **way), entry(worker, 2))
    return leader.sign(make_document(*nodes, generation=number))


def state_answer(jws: str) -> tuple[int, dict[str, Any]]:
    return 200, {**NOTHING[1], "state": jws}


def refusal(code: str, *, status: int = 401, detail: str = "No.") -> tuple[int, dict[str, Any]]:
    return status, {"code": code, "detail": detail}


def not_leader(named: int | None = None) -> tuple[int, dict[str, Any]]:
    """The answer of a node that leads no more, or not yet."""
    leader = {"id": named, "console_url": "https://192.0.2.99"} if named else None
    return 409, {"code": "not_leader", "detail": "No.", "leader": leader}


def way(stub: StubLeader) -> dict[str, Any]:
    """Where the state says that this web is."""
    return {"console_url": stub.url, "tls_fingerprint": stub.fingerprint}
