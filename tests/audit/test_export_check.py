"""An export is verified by itself, wherever it was taken."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.actor import Actor
from audit.chain import HASHED, link
from audit.export.check import check_export
from audit.export.service import ExportFormat, export
from audit.search.question import Question
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail() -> None:
    """Events 3 and 6 are Bob's."""
    for number in range(1, 7):
        name = "ann" if number % 3 else "bob"
        make_event(actor=person(name), details={"number": number, "ratio": 0.1, "text": 'ß"\\'})


def take(path: Path, form: ExportFormat, **asked: Any) -> Path:
    made = export(Question(**asked), actor=Actor.root(), form=form)
    path.write_bytes(b"".join(made.chunks))
    return path


def change(line: bytes, **values: Any) -> bytes:
    return json.dumps({**json.loads(line), **values}).encode() + b"\n"


def forge(line: bytes, **values: Any) -> bytes:
    """With digests that fit what it says now."""
    row = {**json.loads(line), **values}
    names = HASHED[row["version"]]
    own = link([row[name] for name in names], version=row["version"], previous=row["previous"])
    return change(json.dumps(row).encode(), hash=own)


def swap(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize("form", [ExportFormat.JSON_LINES, ExportFormat.SEALED])
@pytest.mark.parametrize("users", [(), ("ann",)])
def test_untouched_export_fits(tmp_path: Path, form: ExportFormat, users: tuple[str]) -> None:
    taken = take(tmp_path / "trail", form, users=users)

    checked = check_export(taken)

    assert checked.problem == ""
    assert checked.events == (4 if users else 6)


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize(
    "harm",
    [
        lambda lines: [*lines[:2], change(lines[2], user="eve"), *lines[3:]],
        lambda lines: [*lines[:2], change(lines[2], details={"number": 4}), *lines[3:]],
        lambda lines: [*lines[:2], change(lines[2], version=9), *lines[3:]],
        lambda lines: [*lines[:2], change(lines[2], previous="x"), *lines[3:]],
        lambda lines: [*lines[:2], b"[]\n", *lines[3:]],
        lambda lines: [*lines[:2], lines[2][:-9], *lines[3:]],
        lambda lines: [*lines[:2], forge(lines[2], user="eve"), *lines[3:]],
        swap,
        lambda lines: [lines[0], *lines],
    ],
)
def test_changed_line_is_found(tmp_path: Path, harm: Callable[[list[bytes]], list[bytes]]) -> None:
    taken = take(tmp_path / "trail", ExportFormat.JSON_LINES)
    taken.write_bytes(b"".join(harm(taken.read_bytes().splitlines(keepends=True))))

    assert check_export(taken).problem


@pytest.mark.usefixtures("trail")
@pytest.mark.parametrize("kept", [slice(1, None), slice(None, -1), slice(0, 0)])
def test_shortened_sealed_export_is_found(tmp_path: Path, kept: slice) -> None:
    with zipfile.ZipFile(take(tmp_path / "whole", ExportFormat.SEALED)) as whole:
        lines = whole.read("events.jsonl").splitlines(keepends=True)
        manifest = whole.read("manifest.json")
    with zipfile.ZipFile(tmp_path / "short", "w") as short:
        short.writestr("events.jsonl", b"".join(lines[kept]))
        short.writestr("manifest.json", manifest)

    assert "manifest names another" in check_export(tmp_path / "short").problem


def test_other_archive_is_no_export(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other", "w") as other:
        other.writestr("x", "y")

    assert "no sealed export" in check_export(tmp_path / "other").problem


@pytest.mark.usefixtures("trail")
def test_command_verifies_an_export(tmp_path: Path) -> None:
    taken, out = take(tmp_path / "trail.zip", ExportFormat.SEALED), io.StringIO()

    call_command("verify_audit", "--export", str(taken), stdout=out)

    fit, signed = out.getvalue().splitlines()
    assert fit == "6 events, all as they were exported."
    assert signed.startswith("Nobody signed it")


@pytest.mark.usefixtures("trail")
def test_command_says_what_is_wrong(tmp_path: Path) -> None:
    taken, out = take(tmp_path / "trail.jsonl", ExportFormat.JSON_LINES), io.StringIO()
    taken.write_bytes(taken.read_bytes().replace(b'"ann"', b'"eve"', 1))

    with pytest.raises(CommandError, match="Line 1 is not as it was exported"):
        call_command("verify_audit", "--export", str(taken), "--json", stdout=out)

    assert json.loads(out.getvalue())["ok"] is False
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_audit", "--export", str(tmp_path / "nowhere"))
