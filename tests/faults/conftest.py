"""Two hosts for the rows: a leader, and a newcomer that is put back after each of them."""

import itertools
import shutil
from dataclasses import dataclass, field

import pytest

from tests.faults import convoy
from tests.faults.convoy import Convoy
from tests.lab import fleet, membership
from tests.lab.fixtures import Kept, MakeLab
from tests.lab.fleet import Fleet
from tests.lab.host import Host
from tests.lab.lab import Lab

ROWS_PER_LEADER = 12
"""Nodes that a row has joined stay behind on the leader, offline: it is renewed now and then."""


@dataclass
class Waters:
    """A lab of two that rows use one after another."""

    lab: Lab
    rows_since_create: int = ROWS_PER_LEADER
    names: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def leader(self) -> Host:
        """Where join codes come from."""
        return self.lab.hosts[0]

    @property
    def newcomer(self) -> Host:
        """The machine that creates or joins."""
        return self.lab.hosts[1]

    def side(self, name: str) -> Host:
        """The host that a row names."""
        return {"leader": self.leader, "newcomer": self.newcomer}[name]

    def new_leader(self) -> None:
        """A leader without the nodes of former rows."""
        if self.rows_since_create >= ROWS_PER_LEADER:
            if self.leader.role != "uninitialised":
                self.lab.start_new(self.leader)
            membership.create(self.leader, max_nodes=200)
            self.rows_since_create = 0
        self.rows_since_create += 1

    def new_newcomer(self) -> None:
        """A machine that belongs to nobody, with keys that nobody has seen."""
        if self.newcomer.role == "leader":
            self.lab.start_new(self.newcomer)
        elif (self.newcomer.state_dir / "node" / "identity.key").exists():
            self._forget_membership()

    def _forget_membership(self) -> None:
        """As after an installation, but without its time: what a node is, is data."""
        host = self.newcomer
        host.stop("agent")
        host.exec("python", "-m", "nodes.agent", "down")
        shutil.rmtree(host.state_dir / "node")
        (host.state_dir / "node").mkdir(mode=0o755)
        host.start_process("agent")
        host.wait_until_ready()


@pytest.fixture(scope="module")
def waters(kept: Kept) -> Waters:
    """The rows' lab."""
    return kept.keep("waters", lambda make_lab: Waters(make_lab(nodes=2, joined=0)))


@pytest.fixture(scope="module")
def ships(kept: Kept) -> Fleet:
    """The rows' cluster of three."""
    return kept.keep("ships", _gather)


def _gather(make_lab: MakeLab) -> Fleet:
    return fleet.gather(make_lab, nodes=convoy.SIZE, joined=convoy.SIZE, max_nodes=200)


@pytest.fixture
def members(ships: Fleet) -> Convoy:
    """The same, whole, and who is who."""
    return convoy.muster(ships)


@pytest.fixture
def newcomer(waters: Waters) -> Host:
    """A machine that belongs to nobody."""
    waters.new_newcomer()
    return waters.newcomer


@pytest.fixture
def pair(waters: Waters, newcomer: Host) -> Waters:
    """The same, and a leader."""
    waters.new_leader()
    return waters
