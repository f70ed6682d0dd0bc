"""Page, API and command."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import replica, scheduled
from cluster.logs import replica as logs_replica
from cluster.models import Cluster, LogSettings
from tests.accounts.factories import log_in_directly, make_auditor
from tests.cluster.factories import add_node, hear_from, json_client
from tests.cluster.logs.days import line, write_day

pytestmark = pytest.mark.django_db
PATH = "/api/v1/logs/"


@pytest.fixture
def store(cluster: Cluster, tmp_path: Path, settings: Any) -> Path:
    settings.STATE_DIR = tmp_path
    root = tmp_path / "logs"
    write_day(root, [line(number) for number in range(3)])
    write_day(root, [line(9, message="<script>alert(1)</script>", severity="3")], node=3)
    return root


@pytest.fixture
def browser(store: Path) -> Client:
    client = Client()
    log_in_directly(client, Administrator.objects.create(username="alice"))
    return client


@pytest.fixture
def auditor(store: Path) -> APIClient:
    return json_client(make_auditor("olga"))


def test_api_goes_on_from_its_cursor(auditor: APIClient) -> None:
    first = auditor.get(PATH, {"limit": 3}).json()
    rest = auditor.get(PATH, {"limit": 3, "cursor": first["cursor"]}).json()
    told = [record["message"] for record in first["results"] + rest["results"]]
    assert told == ["<script>alert(1)</script>", "line 2", "line 1", "line 0"]
    assert first["results"][0]["severity"] == "error"
    assert rest["cursor"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "²"),
        ("node", "x"),
        ("node", "-1"),
        ("severity", "bad"),
        ("since", "yesterday"),
        ("q", "x" * 257),
        ("q", "\x00"),
        ("cursor", "nonsense"),
        ("aplication", "web"),
    ],
)
def test_api_says_which_filter_it_does_not_understand(
    auditor: APIClient, name: str, value: str
) -> None:
    answer = auditor.get(PATH, {name: value})
    assert answer.status_code == 400
    assert name in json.dumps(answer.json())


def test_download_is_recorded_and_searching_is_not(auditor: APIClient) -> None:
    auditor.get(PATH, {"q": "line"})
    assert not AuditEvent.objects.filter(action="logs.downloaded").exists()
    answer = auditor.get(f"{PATH}export/", {"node": "2"})
    lines = answer.getvalue().splitlines()
    assert [json.loads(each)["message"] for each in lines] == ["line 2", "line 1", "line 0"]
    assert "attachment" in answer["Content-Disposition"]
    event = AuditEvent.objects.get(action="logs.downloaded")
    assert (event.user, event.details) == ("olga", {"filter": {"node": "2"}})


def test_page_shows_a_line_as_text_and_never_as_html(browser: Client) -> None:
    shown = browser.get("/logs/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown


def test_page_follows_by_asking_again(browser: Client) -> None:
    assert 'data-hx-trigger="every' in browser.get("/logs/?live=1").content.decode()


def test_page_says_which_node_lacks_what(browser: Client) -> None:
    """Of a node that sends nothing yet no line could say so."""
    well = {"logs": {"state": "running", "detail": "", "behind_mib": 0}}
    lacking = {"logs": {"state": "missing", "detail": "apt install rsyslog-relp"}}
    add_node()
    hear_from(1, health=well)
    hear_from(2, health=well)
    assert "do not arrive" not in browser.get("/logs/").content.decode()
    hear_from(2, health=lacking)
    shown = browser.get("/logs/").content.decode()
    assert '<a href="/nodes/2/">node2</a>: apt install rsyslog-relp' in shown
    assert "node1</a>:" not in shown


def test_page_api_and_command_say_what_could_not_be_read(
    browser: Client, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert "could not be read" not in browser.get("/logs/").content.decode()
    damaged = store / "node3" / "2026-11-21.log.zst"
    damaged.write_bytes(b"this was no zstd file")
    assert "file of node3 of 2026-11-21 is damaged" in browser.get("/logs/").content.decode()
    assert browser.get(PATH).json()["damaged"] == [{"node": 3, "day": "2026-11-21"}]
    monkeypatch.setattr("os.geteuid", lambda: 0)
    call_command("search_logs")
    assert "Of node3 on 2026-11-21 not all could be read." in capsys.readouterr().err


def test_page_offers_the_nodes_that_are_gone_too(browser: Client, store: Path) -> None:
    """Their lines are kept as long as all others."""
    add_node()
    shown = browser.get("/logs/?node=3").content.decode()
    assert '<option value="2">node2</option>' in shown
    assert '<option value="3" selected>node3 (removed)</option>' in shown


def test_page_says_what_a_filter_does_not_understand(browser: Client) -> None:
    assert "Give a time such as" in browser.get("/logs/?since=soon").content.decode()


def test_command_searches_what_is_kept_here(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    call_command("search_logs", "LINE", "--limit", "1")
    printed = capsys.readouterr().out
    assert printed == "2026-11-22 10:00:02 node2 info sshd: line 2\n"


def test_command_works_on_a_node_that_led_once(
    store: Path, local_agent: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """S29."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("accounts.management.root.check_is_leader", _refuse)
    call_command("search_logs", "--node", "3", "--json")
    assert json.loads(capsys.readouterr().out)["results"][0]["node"] == 3


def test_command_refuses_what_it_does_not_understand(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(CommandError, match="since"):
        call_command("search_logs", "--since", "soon")


def test_retention_travels_with_the_leadership(cluster: Cluster) -> None:
    LogSettings.objects.create(keep_days=7, keep_gib=2)
    sealed = replica.export()
    LogSettings.objects.all().delete()
    logs_replica.restore(sealed["logs"])
    assert (LogSettings.load().keep_days, LogSettings.load().keep_gib) == (7, 2)


def test_state_of_an_earlier_release_says_nothing_of_logs(cluster: Cluster) -> None:
    logs_replica.restore({})
    assert LogSettings.load().keep_days == 90


def test_retention_is_changed_and_the_change_recorded(browser: Client) -> None:
    browser.post("/settings/logs/", {"keep_days": 30, "keep_gib": 10})
    event = AuditEvent.objects.get(action="logs.settings.changed")
    assert event.details == {"keep_days": {"from": 90, "to": 30}}


@pytest.mark.parametrize("days", ["0", "", "x", "99999"])
def test_retention_that_makes_no_sense_changes_nothing(browser: Client, days: str) -> None:
    browser.post("/settings/logs/", {"keep_days": days, "keep_gib": 10})
    assert not LogSettings.objects.exists()


def test_the_clock_deletes_on_the_leader(store: Path) -> None:
    write_day(store, [line(1)], day="2020-01-01")
    scheduled.keep_logs()
    assert not list(store.rglob("2020-01-01*"))


def _refuse() -> None:
    raise AssertionError("any node may be searched")
