"""The trail as a file (S57, S59)."""

import csv
import io
import json
import tracemalloc
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from rest_framework.test import APIClient

from audit.actions import AuditAction
from audit.actor import Actor
from audit.canonical import canonical_json
from audit.chain import GENESIS
from audit.export import rows
from audit.export.service import ExportFormat, export
from audit.models import AuditEvent, Outcome
from audit.search.question import Question
from tests.accounts.factories import api_client, browser, make_administrator, make_auditor
from tests.audit.crowd import crowd, save
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db
PATH = "/api/v1/audit/events/export/"


class Seal:
    """Whoever holds the node's key."""

    trail = 1

    def sign_manifest(self, manifest: dict[str, Any]) -> str:
        return f"signed {sha256(canonical_json(manifest).encode()).hexdigest()}"


@pytest.fixture
def client() -> APIClient:
    return api_client(make_administrator("reader"))


def fetch(client: Any, **query: Any) -> bytes:
    answer = client.get(PATH, query)
    assert answer.status_code == 200, answer.json()
    return b"".join(answer.streaming_content)


def lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().splitlines()]


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_json_lines_have_every_event_that_fits_oldest_first(client: APIClient) -> None:
    make_event(actor=person("ann"), details={"note": ["ß", 1, None]})
    make_event(actor=person("bob"))
    make_event(actor=person("ann"), outcome=Outcome.DENIED)

    exported = lines(fetch(client, format="jsonl", user="ann"))

    assert [line["id"] for line in exported] == [1, 3]
    assert exported[0]["details"] == {"note": ["ß", 1, None]}
    assert (exported[0]["node"], exported[0]["target_id"]) == (3, "3")
    assert exported[1]["outcome"] == "denied"


def test_each_line_names_the_one_before(client: APIClient) -> None:
    for number in range(5):
        make_event(details={"number": number})

    exported = lines(fetch(client, format="jsonl"))

    assert exported[0]["previous"] == GENESIS
    assert [line["previous"] for line in exported[1:]] == [line["hash"] for line in exported[:-1]]


def test_table_opens_as_a_table(client: APIClient) -> None:
    make_event(details={"note": 'say "hi", or\nnot'})

    row = table(fetch(client, format="csv"))[0]

    assert (row["user"], row["sentence"], row["target_label"]) == (
        "ann",
        "changed a node",
        "node3.example.org",
    )
    assert json.loads(row["details"]) == {"note": 'say "hi", or\nnot'}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_table_has_no_formulas(client: APIClient, name: str) -> None:
    """A stranger chooses the name with which a login fails."""
    make_event(actor=person(name))

    assert table(fetch(client))[0]["user"] == f"'{name}"


def test_sealed_export_has_a_manifest_of_what_is_in_it(client: APIClient) -> None:
    events = [make_event() for _ in range(3)]

    archive = zipfile.ZipFile(io.BytesIO(fetch(client, format="sealed", user="ann")))

    content = archive.read("events.jsonl")
    manifest = json.loads(archive.read("manifest.json"))
    assert [line["id"] for line in lines(content)] == [1, 2, 3]
    assert manifest["count"] == 3
    assert manifest["first"] == {"id": 1, "hash": events[0].hash}
    assert manifest["last"] == {"id": 3, "hash": events[2].hash}
    assert manifest["trail"] == {"count": 3, "hash": events[2].hash}
    assert manifest["filter"] == {"users": ["ann"]}
    assert manifest["sha256"] == sha256(content).hexdigest()
    assert manifest["signature"] is None


def test_manifest_is_signed_where_somebody_can(client: APIClient, settings: Any) -> None:
    settings.AUDIT_CUSTODIAN = f"{__name__}.Seal"
    make_event()

    archive = zipfile.ZipFile(io.BytesIO(fetch(client, format="sealed")))

    manifest = json.loads(archive.read("manifest.json"))
    signature = manifest.pop("signature")
    assert signature == Seal().sign_manifest(manifest)


def test_export_is_recorded_before_it_leaves_and_does_not_hold_itself(client: APIClient) -> None:
    make_event()

    answer: Any = client.get(PATH, {"format": "jsonl", "user": "ann", "q": "Changed"})

    event = AuditEvent.objects.get(action=AuditAction.AUDIT_EXPORTED)
    assert (event.user, event.interface, event.verified) == ("reader", "api", "token")
    assert event.details == {
        "format": "jsonl",
        "filter": {"users": ["ann"], "text": "changed"},
        "from": 1,
        "to": 1,
    }
    assert len(lines(b"".join(answer.streaming_content))) == 1


def test_auditor_may_export() -> None:
    make_event()

    assert len(table(fetch(browser(make_auditor("otto"))))) >= 1


def test_promoted_worker_exports_what_people_see(client: APIClient) -> None:
    """S59."""
    make_event(AuditAction.LOGIN_SUCCEEDED)
    make_event(AuditAction.CLUSTER_JOINED)
    make_event(AuditAction.LEADERSHIP_TAKEN)

    assert [line["id"] for line in lines(fetch(client, format="jsonl"))] == [3]


@pytest.mark.parametrize(
    ("query", "attr"),
    [({"format": "xml"}, "format"), ({"since": "x"}, "since"), ({"page_size": "2"}, "page_size")],
)
def test_bad_export_is_an_error_of_its_field(
    client: APIClient, query: dict[str, str], attr: str
) -> None:
    answer = client.get(PATH, query)

    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} == {attr}
    assert not AuditEvent.objects.filter(action=AuditAction.AUDIT_EXPORTED).exists()


@pytest.mark.parametrize("form", list(ExportFormat))
def test_export_needs_no_more_memory_for_more_events(
    form: ExportFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "WINDOW", 50)
    save(crowd(1_000))
    made = export(Question(), actor=Actor.system(), form=form)
    next(made.chunks)
    tracemalloc.start()

    for _ in made.chunks:
        pass

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made.tally.count == 1_000
    assert peak < 700_000


def test_command_writes_a_file_of_its_own(tmp_path: Path) -> None:
    make_event(actor=person("ann"))
    make_event(actor=person("bob"))
    target, out = tmp_path / "trail.jsonl", io.StringIO()

    call_command(
        "export_audit", str(target), "--format", "jsonl", "--user", "bob", "--json", stdout=out
    )

    assert [line["user"] for line in lines(target.read_bytes())] == ["bob"]
    assert json.loads(out.getvalue())["count"] == 1
    assert target.stat().st_mode & 0o777 == 0o600
    assert AuditEvent.objects.get(action=AuditAction.AUDIT_EXPORTED).verified == "root shell"


def test_command_overwrites_nothing(tmp_path: Path) -> None:
    target = tmp_path / "trail.zip"
    target.write_text("precious")

    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_audit", str(target))

    assert target.read_text() == "precious"
    assert not AuditEvent.objects.exists()


def test_command_names_the_option_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--since: Give a time"):
        call_command("export_audit", str(tmp_path / "x"), "--since", "yesterday")


def test_command_writes_to_its_output(capsysbinary: Any) -> None:
    make_event()

    call_command("export_audit", "-", "--format", "csv")

    assert [row["user"] for row in table(capsysbinary.readouterr().out)] == ["ann"]
