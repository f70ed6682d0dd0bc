"""Where logs are sent to: set, tried, shown and stopped."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster.models import Cluster, LogForwarding
from config.notices import collect
from tests.accounts.factories import log_in_directly, make_administrator, named_client
from tests.audit.syslog_receivers import make_tls, receiving
from tests.cluster.logs.days import line, write_day
from tests.cluster.logs.receiving import forward_all, send_to, store

__all__ = ["store"]
pytestmark = pytest.mark.django_db
API, PAGE = "/api/v1/logs/forwarding/", "/settings/log-forwarding/"


@pytest.fixture
def api(store: Path) -> APIClient:
    client = named_client(make_administrator("ann"))
    client.default_format = "json"
    return client


@pytest.fixture
def browser(store: Path) -> Client:
    client = Client()
    log_in_directly(client, make_administrator("bob"))
    return client


def test_receiver_is_tried_before_it_is_stored(browser: Client) -> None:
    with receiving() as receiver:
        typed = {"host": "127.0.0.1", "port": receiver.port, "try": "1"}
        shown = browser.post(PAGE, typed).content.decode()
    assert "took the test message" in shown
    assert len(receiver.taken) == 1
    assert not LogForwarding.objects.exists()


def test_wrong_certificate_is_named_on_the_page_and_has_a_code(
    browser: Client, api: APIClient, tmp_path: Path
) -> None:
    context, pem = make_tls(tmp_path)
    with receiving(tls=context, address="127.0.0.2") as receiver:
        typed = {"host": "127.0.0.2", "port": receiver.port, "tls": "on", "certificate": pem}
        shown = browser.post(PAGE, typed | {"try": "1"}).content.decode()
        refused = api.post(f"{API}test/", typed | {"tls": True})
    assert "The certificate shown there is not for 127.0.0.2" in shown
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "syslog_certificate_name"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"host": "not a name"}, "syslog_host_invalid"),
        ({"port": 0}, "min_value"),
        ({"certificate": "none"}, "syslog_certificate_unreadable"),
    ],
    ids=["host", "port", "certificate"],
)
def test_settings_that_cannot_be_are_refused(
    api: APIClient, given: dict[str, Any], code: str
) -> None:
    answer = api.put(API, {"host": "syslog.example.org", "port": 6514} | given)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code
    assert not LogForwarding.objects.exists()


def test_api_sets_shows_and_stops(api: APIClient) -> None:
    answer = api.put(API, {"host": "syslog.example.org", "port": 6514})
    assert answer.json()["receiver"]["host"] == "syslog.example.org"
    assert (answer.json()["behind"], answer.json()["failure"]) == (0, None)
    generation = Cluster.objects.get().generation
    assert api.delete(API).status_code == 204
    assert api.get(API).json()["receiver"] is None
    assert Cluster.objects.get().generation == generation + 1
    actions = AuditEvent.objects.filter(action__startswith="logs.forwarding")
    assert [event.action.rpartition(".")[2] for event in actions] == ["stopped", "changed"]


def test_same_again_changes_nothing(api: APIClient) -> None:
    api.put(API, {"host": "syslog.example.org", "port": 6514})
    count = AuditEvent.objects.count()
    api.put(API, {"host": "syslog.example.org", "port": 6514})
    assert AuditEvent.objects.count() == count


def test_receiver_that_stays_away_is_a_notice_on_every_page(store: Path) -> None:
    write_day(store, [line(1)])
    send_to(9)
    forward_all()
    assert "The syslog receiver does not take the logs." not in titles()
    held = json.loads((store / "forwarding.json").read_text())
    since = (timezone.now() - timedelta(minutes=16)).isoformat()
    (store / "forwarding.json").write_text(json.dumps(held | {"away_since": since}))
    assert "The syslog receiver does not take the logs." in titles()


def titles() -> list[str]:
    return [str(notice.title) for notice in collect([])]
