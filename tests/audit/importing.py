"""A sealed export, taken and imported."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from audit.actor import Actor
from audit.export.service import ExportFormat, export
from audit.models import ImportedArchive, Outcome
from audit.search.question import Question
from tests.accounts.factories import api_client, make_administrator
from tests.audit.factories import make_event, person


@pytest.fixture(autouse=True)
def sealing(settings: Any) -> None:
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    """A sealed export of six events; events 3 and 6 are Bob's, and the sixth was denied."""
    for number in range(1, 7):
        make_event(
            actor=person("bob" if number % 3 == 0 else "ann"),
            outcome=Outcome.DENIED if number == 6 else Outcome.OK,
            details={"number": number, "text": f"100 % Straße {number}"},
        )
    path = tmp_path / "old.zip"
    made = export(Question(), actor=Actor.root(), form=ExportFormat.SEALED)
    path.write_bytes(b"".join(made.chunks))
    return path


def run(path: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_audit", str(path), "--json", *options, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.fixture
def imported(taken: Path) -> ImportedArchive:
    return ImportedArchive.objects.get(pk=run(taken)["archive"])


@pytest.fixture
def client() -> APIClient:
    return api_client(make_administrator("reader"))


def unsign(content: dict[str, bytes]) -> None:
    manifest = json.loads(content["manifest.json"])
    content["manifest.json"] = json.dumps(manifest | {"signature": None}).encode()
