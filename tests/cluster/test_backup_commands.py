"""``backup_cluster`` and ``restore_cluster``: for root, with nothing else running."""

import io
import json
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from cluster.models import Cluster, Operation
from nodes.models import Node
from tests.cluster.backups import (
    PASSWORD,
    Elsewhere,
    InlineJobs,
    elsewhere,
    jobs,
    set_up,
)
from tests.cluster.factories import hear_from

__all__ = ["elsewhere", "jobs"]
pytestmark = pytest.mark.django_db
Move = Callable[[], Elsewhere]


@pytest.fixture(autouse=True)
def _as_root_without_celery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("cluster.management.root.GRACE", timedelta(seconds=-60))
    monkeypatch.setattr("cluster.management.root.time.sleep", lambda seconds: _hear())


def _hear() -> None:
    """While a command waits, this machine's own agent syncs, and time goes on."""
    Operation.objects.update(due_at="2000-01-01T00:00:00Z")
    for node in Node.objects.filter(role="leader"):
        hear_from(node.pk)


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_backup_is_made_and_copied(cluster: Cluster, jobs: InlineJobs, tmp_path: Path) -> None:
    set_up()
    target = tmp_path / "fleet.age"

    out, _ = run("backup_cluster", "--output", str(target), "--json")

    answer = json.loads(out)
    assert answer["operation"]["state"] == "succeeded"
    assert answer["file"] == str(target)
    assert target.stat().st_size == answer["size"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert AuditEvent.objects.filter(action="backup.made", user__startswith="root@").exists()


def test_backup_stays_on_the_leader_unless_it_is_wanted(cluster: Cluster, jobs: InlineJobs) -> None:
    set_up()

    out, _ = run("backup_cluster")

    assert out.strip().endswith(".age")
    assert not AuditEvent.objects.filter(action="backup.downloaded").exists()


def test_file_that_exists_is_not_overwritten(
    cluster: Cluster, jobs: InlineJobs, tmp_path: Path
) -> None:
    set_up()
    (tmp_path / "fleet.age").write_text("mine")

    with pytest.raises(CommandError, match="exists already"):
        run("backup_cluster", "--output", str(tmp_path / "fleet.age"))

    assert not Operation.objects.filter(kind="backup").exists()


def test_backup_without_a_password_says_what_to_do(cluster: Cluster, jobs: InlineJobs) -> None:
    with pytest.raises(CommandError, match="backup_password_missing"):
        run("backup_cluster")


def test_backup_needs_a_leader(db: None, local_agent: Any) -> None:
    with pytest.raises(CommandError, match="cluster_not_created"):
        run("backup_cluster")


@pytest.fixture
def there(elsewhere: Move) -> Elsewhere:
    return elsewhere()


def test_backup_is_restored_by_a_password_from_standard_input(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, f"{PASSWORD}\n")

    out, _ = run("restore_cluster", str(there.file), "--password-file", "-")

    assert "as node2" in out
    assert Cluster.objects.get().label == "Fleet"
    assert there.agent.status()["role"] == "leader"


def test_restoration_speaks_json_and_reads_the_password_from_a_file(
    there: Elsewhere, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")

    out, _ = run(
        "restore_cluster",
        *(str(there.file), "--password-file", str(tmp_path / "password"), "--json"),
        *("--endpoint", "vpn.example.org:55821"),
    )

    assert json.loads(out)["leader"] == 2
    assert Node.objects.get(role="leader").endpoint == "vpn.example.org:55821"


def test_wrong_password_is_told_by_its_code(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "not that one\n")

    with pytest.raises(CommandError, match="backup_password_wrong"):
        run("restore_cluster", str(there.file))

    assert not Cluster.objects.exists()


def test_file_that_is_not_there_is_named(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, f"{PASSWORD}\n")

    with pytest.raises(CommandError, match="backup_not_readable"):
        run("restore_cluster", str(tmp_path / "gone.age"))
