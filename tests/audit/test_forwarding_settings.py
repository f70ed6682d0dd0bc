"""Settings of the forwarding, by page and API."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from audit import replica
from audit.actor import Actor
from audit.forwarding.receiver import Receiver, fingerprints
from audit.forwarding.service import change_forwarding
from audit.models import AuditEvent, Forwarding, ForwardingPlace
from tests.accounts.factories import (
    codes_of,
    log_in_directly,
    make_administrator,
    make_auditor,
    named_client,
)
from tests.audit.syslog_receivers import make_tls, parse, receiving, unframe

pytestmark = pytest.mark.django_db
API = "/api/v1/audit/forwarding/"
PAGE = "/settings/audit/forwarding/"
PLACE = {"host": "syslog.example.org", "port": 6514}


@pytest.fixture
def api() -> APIClient:
    client = named_client(make_administrator("ann"))
    client.default_format = "json"
    return client


@pytest.fixture
def browser() -> Client:
    client = Client()
    log_in_directly(client, make_administrator("bob"))
    return client


@pytest.fixture
def pem(tmp_path: Path) -> str:
    return make_tls(tmp_path)[1]


def last_event() -> AuditEvent:
    event = AuditEvent.objects.first()
    assert event
    return event


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_nothing_is_forwarded_at_first(api: APIClient) -> None:
    answer = api.get(API).json()

    assert answer["receiver"] is None
    assert (answer["behind"], answer["failure"]) == (0, None)


def test_receiver_is_stored_as_it_was_given(api: APIClient, pem: str) -> None:
    answer = api.put(API, {**PLACE, "certificate": pem})

    assert answer.status_code == 200
    assert answer.json()["receiver"] == {**PLACE, "tls": True, "certificate": pem.strip()}
    assert answer.json()["behind"] == 1


def test_change_is_recorded_with_before_and_after(api: APIClient, pem: str) -> None:
    """S44: a certificate by its fingerprint."""
    api.put(API, PLACE)

    api.put(API, {"host": "192.0.2.9", "port": 514, "tls": False, "certificate": pem})

    event = last_event()
    assert (event.action, event.user, event.interface) == (
        "audit.forwarding.changed",
        "ann",
        "api",
    )
    assert event.target_label == "192.0.2.9:514"
    assert event.details["before"]["host"] == "syslog.example.org"
    assert event.details["after"]["certificate_fingerprints"] == fingerprints(pem)


def test_same_again_changes_nothing(api: APIClient) -> None:
    api.put(API, PLACE)
    count = AuditEvent.objects.count()

    assert api.put(API, PLACE).status_code == 200

    assert AuditEvent.objects.count() == count


def test_change_of_the_receiver_loses_nothing(api: APIClient) -> None:
    api.put(API, PLACE)
    place = ForwardingPlace.objects.get()

    api.put(API, {**PLACE, "port": 6515})

    assert ForwardingPlace.objects.get().taken == place.taken


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("host", "not a name", "syslog_host_invalid"),
        ("host", "a..b", "syslog_host_invalid"),
        ("host", "x" * 64 + ".org", "syslog_host_invalid"),
        ("host", "-", "syslog_host_invalid"),
        ("host", "", "blank"),
        ("host", None, "null"),
        ("port", 0, "min_value"),
        ("port", 65536, "max_value"),
        ("port", "x", "invalid"),
        ("tls", "perhaps", "invalid"),
        ("certificate", "x", "syslog_certificate_unreadable"),
        (
            "certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "syslog_certificate_unreadable",
        ),
    ],
    ids=lambda value: str(value)[:12].encode("unicode_escape").decode(),
)
def test_bad_value_is_refused_with_its_field(
    api: APIClient, field: str, value: object, code: str
) -> None:
    answer = api.put(API, {**PLACE, field: value})

    assert answer.status_code == 400
    assert [(e["code"], e["attr"]) for e in answer.json()["errors"]] == [(code, field)]
    assert not Forwarding.objects.exists()


def test_private_key_is_never_stored(api: APIClient, tmp_path: Path, pem: str) -> None:
    key = (tmp_path / "key.pem").read_text()

    answer = api.put(API, {**PLACE, "certificate": pem + key})

    assert codes_of(answer) == ["syslog_certificate_unreadable"]


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "localhost", "a_b.example.org."])
def test_names_and_addresses_are_hosts(api: APIClient, host: str) -> None:
    assert api.put(API, {**PLACE, "host": host}).status_code == 200


def test_forwarding_can_be_stopped(api: APIClient) -> None:
    api.put(API, PLACE)

    assert api.delete(API).status_code == 204

    event = last_event()
    assert api.get(API).json()["receiver"] is None
    assert event.action == "audit.forwarding.stopped"
    assert event.details["not_sent"] == 1


def test_test_message_reaches_a_receiver_that_is_not_stored(api: APIClient, tmp_path: Path) -> None:
    tls, pem = make_tls(tmp_path)
    with receiving(tls=tls) as receiver:
        place = {"host": "localhost", "port": receiver.port, "certificate": pem}
        answer = api.post(f"{API}test/", place)

    assert answer.status_code == 204
    message = parse(next(unframe(receiver.taken[0])))
    assert message.values == {"test": "true", "user": "ann"}
    assert not Forwarding.objects.exists()
    assert (last_event().action, last_event().outcome) == ("audit.forwarding.tested", "ok")


def test_test_message_that_fails_says_why(api: APIClient) -> None:
    place = {"host": "127.0.0.1", "port": closed_port(), "tls": False}

    answer = api.post(f"{API}test/", place)

    assert (answer.status_code, codes_of(answer)) == (422, ["syslog_refused"])
    assert last_event().outcome == "failed"
    assert last_event().details["code"] == "syslog_refused"


def test_page_saves(browser: Client) -> None:
    answer = browser.post(PAGE, {**PLACE, "tls": "on", "certificate": ""}, follow=True)

    assert "The settings were saved" in answer.content.decode()
    assert Forwarding.objects.get().tls
    assert (last_event().user, last_event().interface) == ("bob", "console")


def test_page_tries_without_saving(browser: Client) -> None:
    with receiving() as receiver:
        typed = {"host": "127.0.0.1", "port": receiver.port, "try": "1"}
        answer = browser.post(PAGE, typed)

    text = answer.content.decode()
    assert f"127.0.0.1:{receiver.port} took the test message" in text
    assert f'value="{receiver.port}"' in text
    assert not Forwarding.objects.exists()


def test_page_says_what_is_wrong_beside_the_form(browser: Client) -> None:
    answer = browser.post(PAGE, {"host": "127.0.0.1", "port": closed_port(), "try": "1"})

    assert "Nothing listens at 127.0.0.1" in answer.content.decode()


def test_page_stops(browser: Client) -> None:
    browser.post(PAGE, PLACE)

    browser.post(f"{PAGE}stop/")

    assert not Forwarding.objects.exists()


def test_page_says_how_far_behind_it_is(browser: Client) -> None:
    browser.post(PAGE, PLACE)

    assert "1 event</dd>" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}stop/"])
def test_page_asks_for_a_fresh_proof(path: str) -> None:
    client = Client()
    client.force_login(make_administrator("carl"))

    answer = client.post(path, PLACE)

    assert 'name="proof-password"' in answer.content.decode()
    assert not Forwarding.objects.exists()


def test_auditor_sees_the_page_without_its_buttons() -> None:
    client = Client()
    log_in_directly(client, make_auditor())

    text = client.get(PAGE).content.decode()

    assert "Nothing is forwarded." in text
    assert "Send a test message" not in text


def test_settings_travel_to_the_next_leader() -> None:
    receiver = Receiver("syslog.example.org", 6514)
    change_forwarding(receiver, actor=Actor.system())
    described: dict[str, Any] = replica.export()
    Forwarding.objects.all().delete()

    replica.restore(described)

    assert Receiver.of(Forwarding.objects.get()) == receiver


def test_change_makes_a_new_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bool] = []
    monkeypatch.setattr(replica.changed, "listeners", [lambda: said.append(True)])

    change_forwarding(Receiver("syslog.example.org", 6514), actor=Actor.system())

    assert said == [True]
