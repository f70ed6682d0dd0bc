"""Secrets that people send are in no event, no archive and no log (S59)."""

import io
import logging
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
import zstandard
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive.making import archive_next
from audit.archived import directory
from audit.models import AuditEvent, Retention
from audit.services import record
from cluster.backup.rclone import RcloneDepot
from tests.accounts.factories import PASSWORD, api_client, log_in_directly, make_administrator
from tests.audit.canary import CANARY, holds_canary, planted_details
from tests.audit.factories import make_event, person
from tests.cluster.backups import jobs
from tests.cluster.conftest import resolvable_names, tls_certificate
from tests.cluster.factories import add_node, create_cluster, hear_from
from tests.fakes import local_agent

__all__ = ["jobs", "local_agent", "resolvable_names", "tls_certificate"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def any_details() -> None:
    """Here only those that are allowed."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, at every level, as the web writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    name, shape = next(iter(django_settings.LOGGING["formatters"].items()))
    assert name
    handler.setFormatter(shape["()"](**{k: v for k, v in shape.items() if k != "()"}))
    loggers = [logging.getLogger(each) for each in ("", *logging.root.manager.loggerDict)]
    before = [(each, each.level) for each in loggers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
    logging.root.addHandler(handler)
    yield written
    logging.root.removeHandler(handler)
    for each, level in before:
        each.setLevel(level)


@pytest.fixture
def fleet(local_agent: Any, jobs: Any) -> None:
    """A cluster, whose leader has a worker."""
    create_cluster()
    add_node(2)
    hear_from(2)


def test_archives_hold_none(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"
    monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", tmp_path)
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        for action in AuditAction:
            record(action, actor=person(), details=planted_details(action))
    make_event()
    Retention.objects.create(days=365)

    made = archive_next(actor=Actor.system())

    assert made is not None
    assert made.last_id == len(AuditAction)
    with zipfile.ZipFile(directory() / made.name) as sealed:
        whole = {name: sealed.read(name) for name in sealed.namelist()}
    packed = next(data for name, data in whole.items() if name.endswith(".zst"))
    lines = zstandard.ZstdDecompressor().stream_reader(packed).read()
    assert lines.count(b"\n") == len(AuditAction)
    assert not any(map(holds_canary, [lines, *whole.values()]))


SFTP = {"kind": "sftp", "host": "nas.example.org", "user": "flotilla", "path": "backups"}
S3 = {"kind": "s3", "bucket": "fleet", "access_key_id": "A"}
IMAGE = {"node": 2, "name": "web", "image": "localhost/site:1"}
DOMAIN = {
    "name": "example.net",
    "kind": "external",
    "urls": ["ldaps://ldap.example.net"],
    "base_dn": "dc=example,dc=net",
    "bind_dn": "cn=reader,dc=example,dc=net",
}
KEY = f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----"
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "login": ("post", "auth/login/", {"username": "ann", "password": CANARY}),
    "code": ("post", "auth/login/", {"username": "ann", "password": PASSWORD, "otp": CANARY}),
    "proof": ("post", "account/proof/", {"password": CANARY, "otp": CANARY}),
    "password": (
        "post",
        "account/password/",
        {"current_password": PASSWORD, "new_password": CANARY},
    ),
    "wrong password": (
        "post",
        "account/password/",
        {"current_password": CANARY, "new_password": CANARY},
    ),
    "second factor": ("post", "account/totp/", {"password": CANARY}),
    "its code": ("put", "account/totp/", {"otp": CANARY}),
    "backup password": ("put", "cluster/backup/password/", {"password": CANARY}),
    "destination": ("post", "cluster/backup/destinations/", SFTP | {"password": CANARY}),
    "its key": ("post", "cluster/backup/destinations/", SFTP | {"private_key": KEY}),
    "bucket": ("post", "cluster/backup/destinations/", S3 | {"secret_access_key": CANARY}),
    "application": ("post", "applications/", IMAGE | {"secrets": {"TOKEN": CANARY}}),
    "bad application": ("post", "applications/", IMAGE | {"secrets": {"A B": CANARY}}),
    "directory": ("post", "domains/", DOMAIN | {"password": CANARY}),
    "join code": ("post", "cluster/join/", {"code": f"FLT1.{CANARY}"}),
    "syslog": (
        "put",
        "audit/forwarding/",
        {"host": "syslog.example.org", "port": 6514, "certificate": KEY},
    ),
    "odd field": ("post", "tokens/", {"name": "program", "token": CANARY, "secret": CANARY}),
}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(("method", "path", "body"), BODIES.values(), ids=list(BODIES))
def test_what_a_program_sends_is_in_no_event_and_no_log(
    method: str,
    path: str,
    body: dict[str, Any],
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RcloneDepot, "put", lambda self, file: None)
    monkeypatch.setattr(RcloneDepot, "names", lambda self: [])
    client: APIClient = api_client(make_administrator("ann"))

    answer = getattr(client, method)(f"/api/v1/{path}", body, format="json")

    assert answer.status_code < 500
    check_nothing_is_told(log)


PASSKEY = {"name": "Key", "passkey": f'{{"id": "{CANARY}", "response": {{}}}}'}
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "login": (
        "/login/",
        {
            "auth-username": "ann",
            "auth-password": CANARY,
            "login_page-current_step": "auth",
        },
    ),
    "password": (
        "/account/password/",
        {"current_password": CANARY, "new_password": CANARY, "again": CANARY},
    ),
    "passkey": ("/account/passkeys/new/", PASSKEY),
    "backup password": (
        "/settings/backup/password/",
        {"password": CANARY, "again": CANARY},
    ),
    "application": (
        "/applications/image/",
        {
            "node": "2",
            "name": "web",
            "image": "localhost/site:1",
            "health": "none",
            "secrets": f"TOKEN={CANARY}",
        },
    ),
}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(("path", "typed"), FORMS.values(), ids=list(FORMS))
def test_what_a_person_types_is_in_no_event_and_no_log(
    path: str, typed: dict[str, str], log: io.StringIO
) -> None:
    client = Client()
    log_in_directly(client, make_administrator("ann"))

    answer = client.post(path, typed)

    assert answer.status_code < 400
    check_nothing_is_told(log)


def check_nothing_is_told(log: io.StringIO) -> None:
    logging.getLogger("tests").warning("the log is read")
    assert "the log is read" in log.getvalue()
    assert not holds_canary(log.getvalue().encode())
    assert not holds_canary(str(list(AuditEvent.objects.values())).encode())
