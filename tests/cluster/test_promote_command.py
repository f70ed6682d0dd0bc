"""``promote_node``: root moves the leadership, and is told where it went."""

import io
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from cluster.management.commands import promote_node
from cluster.models import Operation
from tests.cluster.factories import hear_from
from tests.cluster.pairs import CandidateCalls, Pair

pytestmark = pytest.mark.django_db
PROMOTE = ("promote_node", "--node", "2", "--vpn-address", "192.0.2.2", "--vpn-port", "55820")
WITHOUT_ASKING = (*PROMOTE, "--no-check", "--yes")


@pytest.fixture(autouse=True)
def calls(pair: Pair, settings: Any, monkeypatch: pytest.MonkeyPatch) -> CandidateCalls:
    """Nobody else carries operations forward; while the command waits, the nodes sync."""
    settings.TRANSPORT = made = CandidateCalls(pair)
    hear_from(2)

    def wait(seconds: float) -> None:
        if pair.agents[1].status()["role"] == "leader":
            pair.spread()
        pair.agents[1].machine.last_sync = {"ok": True, "detail": "", "path": "vpn"}
        Operation.objects.open().update(due_at="2020-01-01T00:00Z")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("cluster.management.root.GRACE", timedelta(seconds=-60))
    monkeypatch.setattr("cluster.management.root.time.sleep", wait)
    return made


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_root_promotes_a_node_and_learns_where_the_console_is(pair: Pair) -> None:
    out, _ = run(*WITHOUT_ASKING)

    assert "node2 leads the cluster. This machine follows it." in out
    assert "https://node2.example.org:8443" in out
    assert pair.agents[2].status()["role"] == "leader"
    asked = AuditEvent.objects.get(action="node.promotion.requested")
    assert asked.user.startswith("root@")
    assert asked.details["check_connectivity"] is False


def test_json_says_the_same(pair: Pair) -> None:
    answer = json.loads(run(*WITHOUT_ASKING, "--json")[0])

    assert (answer["leader"], answer["follows"]) == (2, True)
    assert answer["operation"]["state"] == "succeeded"


def test_machine_that_does_not_follow_yet_says_so(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promote_node, "FOLLOWING", timedelta(0))

    assert "This machine does not follow it yet." in run(*WITHOUT_ASKING)[0]


def test_confirmation_is_asked_for(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """S35."""
    monkeypatch.setattr("sys.stdin", io.StringIO("node3\n"))

    with pytest.raises(CommandError, match="confirmation_mismatch"):
        run(*PROMOTE, "--no-check")

    assert not Operation.objects.exists()


def test_unknown_node_is_refused() -> None:
    with pytest.raises(CommandError, match="node_not_found"):
        run("promote_node", "--node", "9", *PROMOTE[3:], "--yes")


def test_node_that_leads_no_more_promotes_nobody(pair: Pair) -> None:
    pair.agents[1].hand_over(to=2, generation=1)

    with pytest.raises(CommandError):
        run(*WITHOUT_ASKING)

    assert not Operation.objects.exists()
