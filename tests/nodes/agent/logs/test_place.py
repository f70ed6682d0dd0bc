"""Where logs go, by what the node holds (S29)."""

from pathlib import Path

import pytest

from nodes.agent.logs import shipper
from nodes.agent.logs.place import Place
from nodes.agent.logs.shipper import Shipper, find_lacking
from nodes.agent.logs.sources import Sources, find_sources
from nodes.agent.record import Record
from nodes.agent.store import Holding

WORKER = Place(2, "10.5.4.1", is_store=False)


def test_machine_without_a_cluster_sends_nothing(tmp_path: Path) -> None:
    alone = Shipper(tmp_path, holding=lambda: Holding(Record(fqdn="new.example.org")))
    alone.look()
    assert alone.report()["state"] == "off"
    assert not (tmp_path / "rsyslog").exists()


@pytest.mark.parametrize(
    ("binary", "packages"), [(None, "rsyslog rsyslog-relp"), ("/x", "rsyslog-relp")]
)
def test_all_packages_that_are_missing_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, binary: str | None, packages: str
) -> None:
    monkeypatch.setattr(shipper, "find_binary", lambda: binary)
    monkeypatch.setattr(shipper, "has_plugin", lambda name: False)
    lacking = find_lacking(WORKER, Sources(journal=False))
    assert lacking == f"Install what is missing there: apt install {packages}"


def test_rsyslog_that_cannot_read_the_journal_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipper, "find_binary", lambda: "/x")
    monkeypatch.setattr(shipper, "has_plugin", lambda name: name != "imjournal")
    assert "imjournal" in find_lacking(WORKER, Sources(journal=True))
    assert find_lacking(WORKER, Sources(journal=False)) == ""


def test_journal_is_read_rather_than_the_file_that_is_made_of_it(tmp_path: Path) -> None:
    file, journal = tmp_path / "syslog", tmp_path / "socket"
    file.touch()
    assert find_sources(journal=journal, files=(file,)) == Sources(journal=False, file=file)
    journal.touch()
    assert find_sources(journal=journal, files=(file,)) == Sources(journal=True)
    file.unlink()
    journal.unlink()
    assert find_sources(journal=journal, files=(file,)) == Sources(journal=False)
