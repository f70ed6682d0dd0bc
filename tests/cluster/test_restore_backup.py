"""Restoring: a fresh machine becomes the leader of the cluster that was backed up, or stays as it
was.
"""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import follow_ups
from cluster.backup import archive
from cluster.backup.names import find_outdated, name_of
from cluster.models import BackupPassword, BackupSettings, Cluster, FollowUp, Operation
from cluster.services import backup_settings
from nodes.agent import signing, succession
from nodes.agent.errors import FarewellInvalid
from nodes.agent.succession import Leadership
from nodes.local_agent import AgentRefused
from nodes.models import Node
from tests.accounts.factories import enable_totp, login, make_administrator
from tests.cluster.backups import (
    PASSWORD,
    InlineJobs,
    back_up,
    elsewhere,
    jobs,
    restore,
    seal_quickly,
)
from tests.cluster.factories import ADMIN, Newcomer, add_node, carry_on, make_code, send_sync
from tests.cluster.restoring import Move, opened, there
from tests.fakes import FakeAgent

__all__ = ["elsewhere", "jobs", "there"]
pytestmark = pytest.mark.django_db


def test_machine_leads_the_cluster_with_a_number_of_its_own(
    elsewhere: Move, cluster: Cluster
) -> None:
    there = elsewhere()

    operation = restore(there)

    leader = Node.objects.get(role="leader")
    restored = Cluster.objects.get()
    assert operation.state == "succeeded", operation.error_detail
    assert (restored.uuid, restored.label) == (cluster.uuid, "Fleet")
    assert (leader.pk, leader.fqdn) == (2, "fresh.example.org")
    assert there.agent.status()["role"] == "leader"
    assert there.agent.status()["node_id"] == 2
    assert leader.identity_key == there.agent.status()["keys"]["identity_key"]


def test_term_jumps_over_all_that_the_old_cluster_can_have_done(elsewhere: Move) -> None:
    there = elsewhere()

    restore(there)

    assert Cluster.objects.get().term == 1_001
    assert there.agent.status()["term"] == 1_001


def test_number_is_given_to_nobody_again(elsewhere: Move) -> None:
    restore(elsewhere())

    assert Cluster.objects.get().next_node_id == 3


def test_administrators_log_in_with_their_second_factor(elsewhere: Move) -> None:
    application, _ = enable_totp(Administrator.objects.get(username="ann"))

    restore(elsewhere())

    assert login(username="ann").status_code == 401
    assert login(username="ann", otp=application.code()).status_code == 200


def test_accounts_of_the_machine_itself_are_gone(elsewhere: Move) -> None:
    there = elsewhere()
    make_administrator("first-start")

    restore(there)

    assert set(Administrator.objects.values_list("username", flat=True)) == {"ann"}


def test_other_nodes_are_lost_and_each_is_a_follow_up(elsewhere: Move, cluster: Cluster) -> None:
    add_node(2)
    add_node(3)

    there = elsewhere()
    restore(there)

    lost = Node.objects.filter(state="removed").values_list("pk", flat=True)
    assert list(lost) == [1, 2, 3]
    noted = FollowUp.objects.open().filter(kind="lost_node")
    assert set(noted.values_list("subject", flat=True)) == {"node1", "node2", "node3"}
    held = there.agent.membership.holding.state
    assert held is not None
    assert [member.id for member in held.members] == [4]


def test_follow_ups_of_before_are_there_and_the_password_is_asked_for(elsewhere: Move) -> None:
    """S27."""
    follow_ups.note(FollowUp.Kind.LOG_STORE, detail="Keep its disk.", subject="node9")

    restore(elsewhere())

    kinds = set(FollowUp.objects.open().values_list("kind", flat=True))
    assert {"log_store", "backup_password"} <= kinds
    assert not BackupPassword.objects.exists()


def test_restored_cluster_and_the_old_one_leave_each_others_backups_alone(
    elsewhere: Move, tmp_path: Path
) -> None:
    """A rehearsal, with both at the same destination."""
    (depot := tmp_path / "depot").mkdir()
    backup_settings.change_settings(actor=ADMIN, keep_last=1)
    backup_settings.add_destination("local", {"path": str(depot)}, actor=ADMIN)
    prefix = Cluster.objects.get().backup_prefix

    restore(elsewhere())
    backup_settings.set_password(PASSWORD, actor=ADMIN)
    back_up()

    stem = prefix.removesuffix("-")
    old, new = sorted(path.name for path in depot.iterdir())
    assert (old[: len(stem) + 4], new[: len(stem) + 4]) == (f"{stem}-202", f"{stem}-r1-")
    newer, now = name_of(prefix, at=timezone.now()), timezone.now()
    gone = find_outdated([old, new, newer], prefix=prefix, keep_last=1, keep_days=None, now=now)
    assert gone == [old]


def test_whoever_rehearses_is_told_where_backups_would_go(elsewhere: Move) -> None:
    restore(elsewhere())

    demand = FollowUp.objects.open().get(kind=FollowUp.Kind.BACKUP_PASSWORD)
    assert "For a rehearsal, leave it unset." in demand.detail


def test_how_to_back_up_is_known_again(elsewhere: Move, jobs: InlineJobs, tmp_path: Path) -> None:
    backup_settings.change_settings(actor=ADMIN, keep_last=7)
    backup_settings.add_destination("local", {"path": str(tmp_path)}, actor=ADMIN)

    restore(elsewhere())

    assert BackupSettings.load().keep_last == 7


def test_old_worker_is_refused_and_believes_nobody_but_its_own_leader(
    elsewhere: Move, member: Newcomer
) -> None:
    there = elsewhere()
    restore(there)

    answer = member.sync(source="10.5.4.2")

    assert (answer.status_code, answer.json()["code"]) == (401, "node_removed")
    with pytest.raises(FarewellInvalid):
        member.agent.depart(answer.json()["farewell"], handover=answer.json()["handover"])
    with pytest.raises(AgentRefused):
        member.agent.receive(there.agent.open_state()["jws"])
    assert member.agent.status()["role"] == "worker"


def test_node_that_joined_after_the_backup_is_not_the_one_with_its_number(
    elsewhere: Move, member: Newcomer
) -> None:
    """The backup knows nothing of the old node 2; this machine has its number now."""
    Node.objects.filter(pk=2).delete()
    Cluster.objects.update(next_node_id=2)
    there = elsewhere()
    restore(there)
    own = Node.objects.get(pk=2)
    assert own.fqdn == "fresh.example.org"

    answer = member.sync(source="10.5.4.2")

    assert (answer.status_code, "farewell" in answer.json()) == (401, False)
    own.refresh_from_db()
    assert own.state == "active"
    assert own.identity_key == there.agent.status()["keys"]["identity_key"]
    assert member.agent.status()["role"] == "worker"


def test_old_leader_that_comes_back_is_refused_and_deposes_nobody(
    elsewhere: Move, local_agent: FakeAgent
) -> None:
    there = elsewhere()
    restore(there)

    answer = send_sync(local_agent, Client(REMOTE_ADDR="192.0.2.7"))

    assert (answer.status_code, answer.json()["code"]) == (401, "node_removed")
    with pytest.raises(AgentRefused):
        there.agent.receive(local_agent.open_state()["jws"])
    with pytest.raises(AgentRefused):
        local_agent.receive(there.agent.open_state()["jws"])
    assert local_agent.status()["role"] == there.agent.status()["role"] == "leader"


def test_claim_that_the_old_cluster_made_later_proves_nothing(
    cluster: Cluster, elsewhere: Move
) -> None:
    """By the same recovery key, after the backup, and for a term that is later than its."""
    there = elsewhere()
    key = signing.new_key()
    restore(there)
    rival = Leadership(term=900, leader=1, key=signing.public_text(signing.new_key()))
    claim = succession.sign_claim(cluster=str(cluster.uuid), to=rival, key=key)

    own = there.agent.membership.holding.leadership
    assert own is not None
    assert (
        succession.follow(
            claim, cluster=str(cluster.uuid), since=own, recovery_key=signing.public_text(key)
        )
        == own
    )


def test_new_machine_joins_at_once(elsewhere: Move, newcomer: Newcomer) -> None:
    restore(elsewhere())

    newcomer.adopt(newcomer.enrol(make_code()[1]).json())
    newcomer.agent.pledge()
    newcomer.sync(source="10.5.4.2")
    carry_on(Operation.objects.get(kind="join"))

    assert Node.objects.get(fqdn="node2.example.org").state == "active"
    assert newcomer.agent.status()["term"] == 1_001


def test_audit_says_what_was_restored(elsewhere: Move, cluster: Cluster) -> None:
    restore(elsewhere())

    restored = AuditEvent.objects.get(action="cluster.restored")
    taken = AuditEvent.objects.filter(action="leadership.taken").latest("id")
    assert restored.target_id == str(cluster.uuid)
    assert restored.details["made_on"] == "node1.example.org"
    assert (taken.details["reason"], taken.term) == ("backup", 1_001)
    assert AuditEvent.objects.filter(action="cluster.restore.requested").count() == 1


def test_secret_part_does_not_outlive_the_operation(elsewhere: Move) -> None:

    assert restore(elsewhere()).secret == ""


def test_certificate_is_laid_ready(elsewhere: Move, settings: Any) -> None:
    there = elsewhere()
    raw = archive.unpack(opened(there.file))
    files = {name: raw.files[name] for name in (archive.DOCUMENT, archive.SEALED)}
    packed = archive.pack(raw.manifest, {**files, archive.CERTIFICATE: b"the certificate"})
    there.file.write_bytes(seal_quickly(packed, PASSWORD))

    operation = restore(there)

    kept = settings.STATE_DIR / "restored" / str(operation.pk) / "cert.pem"
    assert kept.read_bytes() == b"the certificate"
