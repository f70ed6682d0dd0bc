"""A node that may not lead any more keeps nothing of the time when it led but its audit trail."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import Administrator, ApiToken, Authenticator, RecoveryCode, Session
from accounts.services import reset_password
from audit.models import AuditEvent
from cluster import tasks
from cluster.models import Cluster, Operation
from cluster.services.clean_start import clean_start
from nodes.models import Node
from nodes.services.nodes import change_node
from tests.accounts.factories import enable_totp, make_administrator, named_client
from tests.cluster.factories import ADMIN
from tests.cluster.pairs import Pair
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
SECRETS = (Administrator, ApiToken, Authenticator, RecoveryCode, Session)


@pytest.fixture(autouse=True)
def copy(settings: Any, tmp_path: Path) -> Path:
    """What a leader that was replaced has put aside."""
    settings.STATE_DIR = tmp_path
    folder = tmp_path / "kept" / "term1"
    folder.mkdir(parents=True)
    (folder / "late-writes.jsonl").write_text("{}\n")
    (folder / "db.sqlite3").write_text("all of it")
    return folder / "db.sqlite3"


@pytest.fixture
def former(pair: Pair) -> FakeAgent:
    """This machine is node 2, a follower that may lead; its database is that of a leader."""
    ann = make_administrator()
    enable_totp(ann)
    named_client(ann)
    return pair.become(2)


def make_ineligible(pair: Pair) -> FakeAgent:
    """Node 1 says so, and node 2 has heard it."""
    pair.become(1)
    change_node(Node.objects.get(pk=2), actor=ADMIN, eligible=False)
    pair.spread()
    return pair.become(2)


def make_removed(pair: Pair) -> FakeAgent:
    """Node 1 has said farewell to node 2."""
    former = pair.agents[2]
    key = former.status()["keys"]["identity_key"]
    former.depart(pair.agents[1].farewell(node_id=2, identity_key=key))
    return former


ENDS = pytest.mark.parametrize(
    "end", [make_ineligible, make_removed], ids=["ineligible", "removed"]
)


@ENDS
def test_no_row_of_the_cluster_is_left(pair: Pair, former: FakeAgent, end: Any) -> None:
    end(pair)

    tasks.sweep()

    left = {
        model.__name__
        for label in ("cluster", "nodes", "accounts")
        for model in apps.get_app_config(label).get_models()
        if model._base_manager.exists()
    }
    assert left == {"Administrator"}
    assert list(Administrator.objects.values_list("username", flat=True)) == ["admin"]


@ENDS
def test_copies_of_the_database_go_and_the_late_changes_stay(
    pair: Pair, former: FakeAgent, copy: Path, end: Any
) -> None:
    end(pair)

    tasks.sweep()

    assert not copy.exists()
    assert copy.with_name("late-writes.jsonl").exists()


@ENDS
def test_its_audit_trail_stays_and_says_so_once(pair: Pair, former: FakeAgent, end: Any) -> None:
    """S44."""
    end(pair)
    before = set(AuditEvent.objects.values_list("pk", flat=True))

    for _ in range(3):
        tasks.sweep()

    new = AuditEvent.objects.exclude(pk__in=before)
    assert before < set(AuditEvent.objects.values_list("pk", flat=True))
    assert sorted(new.values_list("action", flat=True)) == ["administrator.created", "node.wiped"]
    wiped = new.get(action="node.wiped")
    assert (wiped.user, wiped.node, wiped.details["copies"]) == ("system", 2, 1)


def test_follower_that_may_lead_keeps_it(former: FakeAgent, copy: Path) -> None:
    tasks.sweep()

    assert [model.objects.exists() for model in SECRETS[:4]] == [True] * 4
    assert Cluster.objects.exists()
    assert copy.exists()


@pytest.mark.parametrize("number", [1, 2], ids=["leader", "silent agent"])
def test_nothing_goes_while_it_is_not_known_to_be_over(
    pair: Pair, former: FakeAgent, number: int
) -> None:
    """Of a leader, whatever it says of others; and of a follower whose agent does not answer."""
    make_ineligible(pair).available = False
    pair.become(number)

    tasks.sweep()

    assert Administrator.objects.filter(username="ann").exists()
    assert Cluster.objects.exists()


def test_deposed_leader_keeps_it_for_reading(pair: Pair) -> None:
    make_administrator()
    pair.agents[1].depose(by=2, term=2)

    tasks.sweep()

    assert Administrator.objects.filter(username="ann").exists()


def test_handover_is_finished_first(
    pair: Pair, former: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next leader may have yet to be told."""
    pair.become(1)
    operation = pair.promote()
    pair.spread()
    generation = pair.agents[1].status()["generation"]
    pair.agents[1].hand_over(to=2, generation=generation)
    monkeypatch.setattr(pair.agents[1], "status", lambda: {"eligible": False})

    tasks.sweep()
    assert Operation.objects.filter(pk=operation.pk).exists()

    Operation.objects.update(state=Operation.State.SUCCEEDED, ended_at=timezone.now())
    tasks.sweep()
    assert not Operation.objects.exists()


def test_root_gives_the_removed_machine_a_login_again(pair: Pair, former: FakeAgent) -> None:
    """S21: as on a machine that was just installed."""
    make_removed(pair)
    tasks.sweep()

    password = reset_password(Administrator.objects.get(), actor=ADMIN)

    assert Administrator.objects.get(username="admin").check_password(password)


def test_clean_start_that_comes_first_wipes_it_too(pair: Pair, former: FakeAgent) -> None:
    """Also while Celery does not run."""
    make_removed(pair)

    clean_start(actor=ADMIN)

    assert not Administrator.objects.filter(username="ann").exists()
    assert not ApiToken.objects.exists()


def test_wipe_that_cannot_be_recorded_is_not_made(
    pair: Pair, former: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S44."""
    make_removed(pair)

    def fails(*args: Any, **values: Any) -> None:
        raise OSError

    monkeypatch.setattr("cluster.oblivion.record", fails)
    with pytest.raises(OSError):
        tasks.sweep()

    assert Administrator.objects.filter(username="ann").exists()
