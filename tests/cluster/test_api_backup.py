"""``/api/v1/cluster/backup/``."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import follow_ups
from cluster.backup import replica
from cluster.backup.rclone import RcloneDepot
from cluster.models import (
    BackupDestination,
    BackupPassword,
    BackupSettings,
    Cluster,
    FollowUp,
    Operation,
)
from config.encryption import decrypt
from tests.accounts.factories import codes_of, make_administrator, make_auditor
from tests.cluster.backups import PASSWORD, InlineJobs, back_up, jobs, set_up
from tests.cluster.factories import json_client, unknown_id

__all__ = ["jobs"]
pytestmark = pytest.mark.django_db
PATH = "/api/v1/cluster/backup/"
DESTINATIONS = f"{PATH}destinations/"


@pytest.fixture
def client(cluster: Cluster, jobs: InlineJobs) -> APIClient:
    """An administrator's program, on a leader."""
    return json_client(make_administrator("ann"))


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


def test_directory_is_added_once_it_was_tried(client: APIClient, tmp_path: Path) -> None:
    answer = client.post(DESTINATIONS, {"kind": "local", "path": str(tmp_path)})

    assert answer.status_code == 201
    assert (answer.json()["place"], answer.json()["has_secret"]) == (str(tmp_path), False)
    assert [path for path in tmp_path.iterdir() if "probe" in path.name] == []
    event = AuditEvent.objects.get(action="backup.destination.added")
    assert event.details == {"kind": "local", "place": str(tmp_path)}


def test_directory_that_is_not_there_is_not_stored(client: APIClient, tmp_path: Path) -> None:
    answer = client.post(DESTINATIONS, {"kind": "local", "path": str(tmp_path / "gone")})

    assert (answer.status_code, codes_of(answer)) == (409, ["backup_destination_unusable"])
    assert not BackupDestination.objects.exists()


def test_flotillas_own_directory_is_refused(client: APIClient, settings: Any) -> None:
    answer = client.post(DESTINATIONS, {"kind": "local", "path": str(settings.STATE_DIR)})

    assert codes_of(answer) == ["backup_destination_invalid"]


SFTP = {"kind": "sftp", "host": "nas.example.org", "user": "flotilla", "path": "backups"}
S3 = {"kind": "s3", "bucket": "fleet", "access_key_id": "A", "secret_access_key": "s"}
WEBDAV = {"kind": "webdav", "url": "https://cloud.example.org/dav"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "floppy"}, "kind"),
        ({"kind": "local"}, "path"),
        ({"kind": "local", "path": "backups"}, "path"),
        ({"kind": "local", "path": "/srv/../etc"}, "path"),
        ({"kind": "local", "path": "/srv\n/etc"}, "path"),
        ({"kind": "local", "path": "/srv", "host": "x"}, "host"),
        (SFTP, "password"),
        (SFTP | {"password": "x", "host": "nas example"}, "host"),
        (SFTP | {"password": "x", "host": "-oProxyCommand=id"}, "host"),
        (SFTP | {"password": "x", "port": "70000"}, "port"),
        (SFTP | {"password": "x", "user": "a b"}, "user"),
        (SFTP | {"password": "x\ny"}, "password"),
        (SFTP | {"private_key": "ssh-ed25519 AAAA"}, "private_key"),
        (SFTP | {"password": "x", "host_key": "trust me"}, "host_key"),
        (S3 | {"bucket": "../x"}, "bucket"),
        (S3 | {"endpoint": "http://minio.example.org"}, "endpoint"),
        (WEBDAV | {"url": "ftp://cloud.example.org"}, "url"),
        (WEBDAV | {"url": "https://user:pw@cloud.example.org"}, "url"),
        (WEBDAV | {"url": "https://["}, "url"),
    ],
    ids=str,
)
def test_bad_destination_is_refused(client: APIClient, values: dict[str, Any], field: str) -> None:
    answer = client.post(DESTINATIONS, values)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == field
    assert not BackupDestination.objects.exists()


def test_missing_rclone_is_named(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    answer = client.post(DESTINATIONS, WEBDAV)

    assert (answer.status_code, codes_of(answer)) == (409, ["rclone_missing"])
    assert "apt install rclone" in answer.json()["errors"][0]["detail"]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every destination elsewhere works."""
    names: list[str] = []
    monkeypatch.setattr(RcloneDepot, "put", lambda self, file: names.append(file.name))
    monkeypatch.setattr(RcloneDepot, "names", lambda self: names)
    monkeypatch.setattr(RcloneDepot, "remove", lambda self, name: None)
    return names


@pytest.mark.usefixtures("tried")
def test_what_opens_a_destination_is_never_shown_again(client: APIClient) -> None:
    made = client.post(DESTINATIONS, SFTP | {"password": "open sesame"})

    stored = BackupDestination.objects.get()
    shown = made.content + client.get(PATH).content
    assert b"open sesame" not in shown
    assert "open sesame" not in stored.secret + str(stored.settings)
    assert made.json()["has_secret"] is True
    assert replica.open_secret(stored) == {"password": "open sesame"}


@pytest.mark.usefixtures("tried")
def test_destination_travels_with_what_opens_it(client: APIClient, settings: Any) -> None:
    client.post(DESTINATIONS, SFTP | {"password": "open sesame"})
    data = replica.export()

    replica.restore(data)

    assert replica.export() == data
    assert data["destinations"][0]["secret"] == {"password": "open sesame"}


@pytest.mark.usefixtures("tried")
def test_there_is_an_end_to_destinations(client: APIClient) -> None:
    answers = [client.post(DESTINATIONS, S3 | {"path": f"p{number}"}) for number in range(9)]

    assert [answer.status_code for answer in answers] == [201] * 8 + [409]
    assert codes_of(answers[-1]) == ["too_many_backup_destinations"]


def test_place_is_added_once(client: APIClient, tmp_path: Path) -> None:
    """Two deliveries to one place would be in each other's way."""
    answers = [client.post(DESTINATIONS, {"kind": "local", "path": str(tmp_path)}) for _ in "ab"]

    assert codes_of(answers[1]) == ["backup_destination_known"]
    assert BackupDestination.objects.count() == 1


def test_destination_is_removed(client: APIClient, tmp_path: Path) -> None:
    made = client.post(DESTINATIONS, {"kind": "local", "path": str(tmp_path)}).json()

    assert client.delete(f"{DESTINATIONS}{made['id']}/").status_code == 204
    assert not BackupDestination.objects.exists()
    assert AuditEvent.objects.filter(action="backup.destination.removed").count() == 1


def test_unknown_destination_is_not_found(client: APIClient) -> None:
    answer = client.delete(f"{DESTINATIONS}{unknown_id()}/")

    assert codes_of(answer) == ["backup_destination_not_found"]


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
