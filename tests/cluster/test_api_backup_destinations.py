"""``/api/v1/cluster/backup/destinations/``."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster.backup import replica
from cluster.backup.rclone import RcloneDepot
from cluster.models import BackupDestination
from tests.accounts.factories import codes_of
from tests.cluster.backup_api import PATH, client
from tests.cluster.backups import jobs
from tests.cluster.factories import unknown_id

__all__ = ["client", "jobs"]
pytestmark = pytest.mark.django_db
DESTINATIONS = f"{PATH}destinations/"


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
        (SFTP | {"password": "x", "port": "0000227777"}, "port"),
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
