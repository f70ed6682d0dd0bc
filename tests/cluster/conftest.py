"""Fixtures of the cluster's tests."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from cluster import state
from cluster.models import Cluster, Operation
from cluster.services import witnesses
from config.certificates import make_self_signed
from tests import worlds
from tests.cluster.factories import Newcomer, carry_on, create_cluster, make_code
from tests.cluster.fake_leader import FakeLeader
from tests.cluster.fleets import Fleet, make_fleet
from tests.cluster.pairs import Pair, make_pair
from tests.fakes import FakeAgent, local_agent

__all__ = ["local_agent"]


@pytest.fixture(autouse=True, scope="session")
def tls_certificate() -> Path:
    """A certificate that this machine shows."""
    certificate = Path(django_settings.FLOTILLA.TLS_CERT_PATH)
    if not certificate.exists():
        certificate.parent.mkdir(parents=True, exist_ok=True)
        key = certificate.with_name("key.pem")
        make_self_signed(fqdn="node1.example.org", certificate=certificate, key=key)
    return certificate


@pytest.fixture(autouse=True)
def resolvable_names(settings: Any) -> None:
    """Every name resolves, and nobody asks the DNS."""
    settings.RESOLVER = lambda name: True


@pytest.fixture(autouse=True)
def nobody_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that a verification asks answers by the test's next sync, and never before."""
    monkeypatch.setattr(witnesses, "PATIENCE", 0.0)


@pytest.fixture
def cluster(db: None, local_agent: FakeAgent) -> Cluster:
    """This machine leads a cluster."""
    worlds.enter(create_cluster, local_agent)
    return Cluster.objects.get()


@pytest.fixture
def pair(
    db: None,
    local_agent: FakeAgent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> Pair:
    """This machine is node 1 of two, and leads; node 2 could."""
    return make_pair(tmp_path, local_agent, monkeypatch=monkeypatch, settings=settings)


@pytest.fixture
def fleet(
    cluster: Cluster,
    local_agent: FakeAgent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> Fleet:
    """Three nodes; this machine is node 1, and leads."""
    settings.STATE_DIR = tmp_path
    return make_fleet(tmp_path, local_agent, monkeypatch=monkeypatch, settings=settings)


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    """Another machine, not yet a member."""
    return Newcomer.make(tmp_path)


@pytest.fixture
def joining(cluster: Cluster, newcomer: Newcomer) -> Newcomer:
    """A machine that has adopted its first state."""
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())
    return newcomer


@pytest.fixture
def member(joining: Newcomer) -> Newcomer:
    """Node 2: a machine that has joined, and holds the state that says so."""
    joining.agent.pledge()
    joining.sync(source="10.5.4.2")
    carry_on(Operation.objects.get(kind="join"))
    state.publish()
    joining.agent.receive(joining.sync(source="10.5.4.2").json()["state"])
    joining.sync(source="10.5.4.2")
    return joining


@pytest.fixture
def leader(tmp_path: Path, settings: Any, local_agent: FakeAgent) -> FakeLeader:
    """A leader on the other side of the network; this machine has an agent and no cluster."""
    settings.TRANSPORT = made = FakeLeader(tmp_path / "leader")
    return made
