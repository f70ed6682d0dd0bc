"""An export of the whole trail, as a program fetches it: the web keeps none of it in memory."""

import csv
import json
from contextlib import closing
from pathlib import Path

import pytest

from audit.export.check import check_export
from tests.audit.crowd import crowd, save
from tests.audit.proofs import FULL
from tests.audit.serving import Served, served, tls_certificate

__all__ = ["served", "tls_certificate"]

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = 1_000_000 if FULL else 10_000
GROWTH = 10 * 1024
"""KiB, at most."""
PIECE = 64 * 1024


@pytest.fixture
def trail(transactional_db: None) -> None:
    """Before the web writes the first event of its own."""
    save(crowd(EVENTS))


def fetch(served: Served, form: str, path: Path, *, until: str = "") -> Path:
    """To a file, piece by piece."""
    with closing(served.web.connect()) as server, path.open("wb") as file:
        name, _, value = served.header.partition(": ")
        address = f"/api/v1/audit/events/export/?format={form}&until={until}"
        server.request("GET", address, headers={name: value})
        answer = server.getresponse()
        assert answer.status == 200
        while piece := answer.read(PIECE):
            file.write(piece)
    return path


def kib(served: Served, name: str) -> int:
    """Of the web process that answers; ``VmHWM`` is the most so far."""
    [pid] = served.web.workers()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def forget_the_most(served: Served) -> None:
    """``VmHWM`` begins anew (proc(5))."""
    [pid] = served.web.workers()
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@pytest.mark.usefixtures("trail")
def test_export_of_all_events_takes_no_memory_and_is_whole(served: Served, tmp_path: Path) -> None:
    fetch(served, "sealed", tmp_path / "warm-up.zip", until="2024-01-02")
    forget_the_most(served)
    before = kib(served, "VmRSS")

    table = fetch(served, "csv", tmp_path / "trail.csv")
    lines = fetch(served, "jsonl", tmp_path / "trail.jsonl")
    sealed = fetch(served, "sealed", tmp_path / "trail.zip")

    growth = kib(served, "VmHWM") - before
    assert growth <= GROWTH
    with table.open(newline="") as file:
        ids = [int(row["id"]) for row in csv.DictReader(file)]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) > EVENTS
    with lines.open() as file:
        assert [json.loads(line)["id"] for line in file][: len(ids)] == ids
    checked = check_export(sealed)
    assert (checked.problem, checked.events > len(ids)) == ("", True)
