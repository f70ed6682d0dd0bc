"""kill -9 at every boundary of a create: a leader or an untouched machine within 30 s."""

import contextlib

import pytest

from cluster.models import Operation
from tests.faults import striking
from tests.faults.rows import Row, parametrize, rows
from tests.lab import membership
from tests.lab.client import Unreachable
from tests.lab.host import Host
from tests.lab.rows import open_operations
from tests.lab.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.lab]


def leads_or_untouched(host: Host) -> str | None:
    """Which of the two it is, once nothing is under way."""
    if open_operations(host):
        return None
    if host.role == "leader":
        return "leads" if striking.ids(host) == [1] else None
    return "untouched" if host.role == "uninitialised" else None


@parametrize(*rows(Operation.Kind.CREATE, where="newcomer", sides=["newcomer"]))
def test_a_create_ends_leading_or_untouched(row: Row, newcomer: Host) -> None:
    """Where nothing was made, creating again works."""
    newcomer.token()
    doomed = striking.arm(row, where=newcomer, victim=newcomer)
    with contextlib.suppress(Unreachable):
        newcomer.api("POST", "cluster/create/", membership.creation(newcomer))
    striking.wait_for_restart(doomed, where=newcomer, victim=newcomer)
    outcome = eventually(lambda: leads_or_untouched(newcomer), within=striking.SETTLED)

    if outcome == "untouched":
        membership.create(newcomer)
    assert [node["id"] for node in membership.nodes(newcomer)] == [1]
    assert newcomer.role == "leader"
    eventually(lambda: membership.all_online(newcomer), within=10)
