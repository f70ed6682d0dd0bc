"""``/api/v1/cluster/backup/``."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import follow_ups
from cluster.backup import replica
from cluster.models import BackupPassword, BackupSettings, FollowUp, Operation
from config.encryption import decrypt
from tests.accounts.factories import codes_of, make_administrator, make_auditor
from tests.cluster.backup_api import PATH, client
from tests.cluster.backups import PASSWORD, back_up, jobs, set_up
from tests.cluster.factories import json_client

__all__ = ["client", "jobs"]
pytestmark = pytest.mark.django_db


def test_at_first_nothing_is_set_up(client: APIClient) -> None:
    told = client.get(PATH).json()

    assert (told["password_set"], told["daily_at"], told["keep_last"]) == (False, "02:30", 14)
    assert (told["next_at"], told["last_run"], told["file"]) == (None, None, None)
    assert told["is_overdue"] is False


def test_machine_without_a_cluster_has_no_backup(db: None, local_agent: Any) -> None:
    assert codes_of(json_client(make_administrator()).get(PATH)) == ["cluster_not_created"]


def test_password_is_kept_encrypted_and_settles_what_asked_for_it(client: APIClient) -> None:
    """S27."""
    follow_ups.note(FollowUp.Kind.BACKUP_PASSWORD, detail="Set it again.")

    answer = client.put(f"{PATH}password/", {"password": PASSWORD})

    kept = BackupPassword.objects.get().encrypted
    assert answer.status_code == 204
    assert PASSWORD not in kept
    assert decrypt(kept) == PASSWORD
    assert FollowUp.objects.get().settled_by == "system"
    assert client.get(PATH).json()["next_at"] is not None


def test_password_never_travels(client: APIClient) -> None:
    """S27."""
    set_up()

    assert PASSWORD not in str(replica.export())


@pytest.mark.parametrize("password", ["", "short", "password1234", "p" * 257, 7, None], ids=str)
def test_bad_password_is_refused(client: APIClient, password: object) -> None:
    answer = client.put(f"{PATH}password/", {"password": password})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "password"
    assert not BackupPassword.objects.exists()


def test_password_is_in_no_event(client: APIClient) -> None:
    client.put(f"{PATH}password/", {"password": PASSWORD})

    event = AuditEvent.objects.get(action="backup.password.set")
    assert (event.user, event.details) == ("ann", {})


def test_schedule_is_changed_and_the_change_is_recorded(client: APIClient) -> None:
    answer = client.patch(PATH, {"daily_at": "04:15", "keep_days": 30})

    assert (answer.json()["daily_at"], answer.json()["keep_days"]) == ("04:15", 30)
    assert AuditEvent.objects.get(action="backup.settings.changed").details == {
        "daily_at": {"from": "02:30", "to": "04:15"},
        "keep_days": {"from": None, "to": 30},
    }


def test_same_again_is_no_change(client: APIClient) -> None:
    client.patch(PATH, {"keep_last": 14})

    assert not AuditEvent.objects.filter(action="backup.settings.changed").exists()


def test_whole_of_it_is_replaced(client: APIClient) -> None:
    whole = {"daily_at": None, "keep_last": 3, "keep_days": None, "with_audit": True}

    assert client.put(PATH, whole).status_code == 200
    assert BackupSettings.load().daily_at is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"daily_at": "25:00"}, "daily_at"),
        ({"daily_at": 7}, "daily_at"),
        ({"keep_last": 0}, "keep_last"),
        ({"keep_last": 1001}, "keep_last"),
        ({"keep_last": 10**30}, "keep_last"),
        ({"keep_last": None}, "keep_last"),
        ({"keep_days": -1}, "keep_days"),
        ({"keep_days": 0}, "keep_days"),
        ({"keep_days": "many"}, "keep_days"),
        ({"with_audit": "perhaps"}, "with_audit"),
    ],
    ids=str,
)
def test_bad_setting_is_refused(client: APIClient, change: dict[str, Any], field: str) -> None:
    answer = client.patch(PATH, change)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == field
    assert not BackupSettings.objects.exists() or BackupSettings.load().keep_last == 14


def test_backup_is_accepted(client: APIClient) -> None:
    set_up()

    answer = client.post(PATH)

    assert answer.status_code == 202
    assert answer.json()["operation"]["kind"] == "backup"
    assert answer.headers["Location"].endswith(f"/{Operation.objects.get(kind='backup').pk}/")


def test_second_one_is_refused_while_one_runs(client: APIClient) -> None:
    set_up()
    client.post(PATH)

    answer = client.post(PATH)

    assert (answer.status_code, codes_of(answer)) == (409, ["operation_in_progress"])


def test_without_a_password_it_is_refused(client: APIClient) -> None:
    answer = client.post(PATH)

    assert (answer.status_code, codes_of(answer)) == (409, ["backup_password_missing"])


def test_file_is_given_away(client: APIClient) -> None:
    set_up()
    operation = back_up()

    answer: Any = client.post(f"{PATH}file/")

    assert operation.data["file"] in answer.headers["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"age-encryption.org/v1")


def test_file_that_is_not_there_is_not_found(client: APIClient) -> None:
    assert codes_of(client.post(f"{PATH}file/")) == ["no_backup_yet"]


def test_auditor_sees_all_but_the_file(client: APIClient) -> None:
    set_up()
    back_up()
    otto = json_client(make_auditor())

    assert otto.get(PATH).json()["last_run"]["state"] == "succeeded"
    assert otto.post(f"{PATH}file/").status_code == 403


def test_new_leader_asks_for_the_password_again(client: APIClient) -> None:
    """S27: what a promotion carries says that there was one, and not what it was."""
    set_up()

    replica.restore(replica.export())

    assert client.get(PATH).json()["password_set"] is False
    asked = FollowUp.objects.open().get(kind="backup_password")
    assert asked.link == "/settings/backup/password/"
    client.put(f"{PATH}password/", {"password": PASSWORD})
    assert not FollowUp.objects.open().exists()


def test_state_of_an_earlier_release_says_nothing_of_backup(client: APIClient) -> None:
    set_up()

    replica.restore({})

    assert not BackupSettings.objects.exists()
    assert not FollowUp.objects.exists()


def test_administrator_who_sets_it_may_not_choose_the_own_name(client: APIClient) -> None:
    Administrator.objects.filter(username="ann").update(full_name="Annabella Windermere")

    answer = client.put(f"{PATH}password/", {"password": "annabella windermere"})

    assert codes_of(answer) == ["password_not_acceptable"]
