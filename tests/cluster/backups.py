"""Backups in this process: real files and real orders, with a key that is stretched a little."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings as django_settings

from accounts.models import Administrator
from cluster.backup import replica as backup_replica
from cluster.backup.job import carry_out
from cluster.backup.jobs import Job, read_result
from cluster.backup.orders import write
from cluster.models import Cluster, FollowUp, Operation, SignedState
from cluster.services import backup_settings
from cluster.services.backups import find_file, request_backup
from cluster.services.restoring import request_restore
from nodes.models import Node
from tests.accounts.factories import make_administrator
from tests.cluster.factories import ADMIN, carry_on, hear_from
from tests.fakes import FakeAgent

PASSWORD = "violet harbour lantern 42"
WORK_FACTOR = 2
CHUNK = 64 * 1024


class InlineJobs:
    """Carries orders out at once; ``dying`` ones end without a result, ``slow`` ones go on."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.dying: set[str] = set()
        self.slow: set[str] = set()

    def begin(self, job: Job, order: Mapping[str, Any]) -> None:
        self.begun.append(job.name)
        job.lock.touch()
        if job.verb in self.dying | self.slow:
            self.dying.discard(job.verb)
            return
        write(job.result, json.dumps(carry_out(job.verb, order)).encode())

    def is_running(self, job: Job) -> bool:
        return job.verb in self.slow and job.name in self.begun

    def find_answer(self, job: Job) -> dict[str, Any] | None:
        return read_result(job.result)

    def stop(self, job: Job) -> None:
        self.stopped.append(job.name)

    def ask(self, verb: str, order: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
        job = Job(folder, verb, verb)
        self.begin(job, order)
        answer = self.find_answer(job)
        job.result.unlink()
        assert answer is not None
        return answer


@dataclass
class Elsewhere:
    """A fresh machine in this one's place: another agent, other accounts, no cluster."""

    file: Path
    agent: FakeAgent


@pytest.fixture
def elsewhere(
    cluster: Cluster, jobs: InlineJobs, tmp_path: Path, monkeypatch: Any, settings: Any
) -> Callable[[], Elsewhere]:
    """Backs this cluster up when it is called, and goes on on the fresh machine."""

    make_administrator("ann")

    def move() -> Elsewhere:
        set_up()
        back_up()
        found = find_file()
        assert found is not None
        file = found.path.rename(tmp_path / found.path.name)
        forget_everything()
        settings.FIELD_ENCRYPTION_KEY = Fernet.generate_key().decode()
        agent = FakeAgent(tmp_path / "fresh", fqdn="fresh.example.org")
        settings.LOCAL_AGENT = agent
        monkeypatch.setattr(django_settings.FLOTILLA, "NODE_FILE", agent.node_file)
        return Elsewhere(file, agent)

    return move


def forget_everything() -> None:
    """As on a machine that was just installed, but for the audit trail."""
    for model in (Operation, FollowUp, SignedState, Node, Cluster, Administrator):
        model._default_manager.all().delete()
    backup_replica.restore({})


def restore(there: Elsewhere, *, password: str = PASSWORD) -> Operation:
    """Ask for it, and carry it to its end."""
    operation = request_restore(there.file, actor=ADMIN, password=password)
    carry_on(operation)
    hear_from(Node.objects.get(role=Node.Role.LEADER).pk)
    return carry_on(operation)


@pytest.fixture
def jobs(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InlineJobs:
    """A state directory of this test's own, and jobs that take no time."""
    settings.STATE_DIR = tmp_path / "state"
    settings.STATE_DIR.mkdir()
    settings.BACKUP_JOBS = made = InlineJobs()
    monkeypatch.setattr(pyrage.passphrase, "encrypt", seal_quickly)
    return made


def seal_quickly(plaintext: bytes, password: str) -> bytes:
    """An age file by the book (age-encryption.org/v1), whose key costs next to nothing."""
    salt, file_key, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    stretched = hashlib.scrypt(
        password.encode(),
        salt=b"age-encryption.org/v1/scrypt" + salt,
        n=2**WORK_FACTOR,
        r=8,
        p=1,
        dklen=32,
    )
    body = ChaCha20Poly1305(stretched).encrypt(bytes(12), file_key, None)
    header = f"age-encryption.org/v1\n-> scrypt {_text(salt)} {WORK_FACTOR}\n{_text(body)}\n---"
    mac = hmac.digest(_derive(file_key, b"", b"header"), header.encode(), "sha256")
    return f"{header} {_text(mac)}\n".encode() + nonce + _payload(plaintext, file_key, nonce)


def _payload(plaintext: bytes, file_key: bytes, nonce: bytes) -> bytes:
    key = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    chunks = [plaintext[i : i + CHUNK] for i in range(0, len(plaintext), CHUNK)] or [b""]
    last = len(chunks) - 1
    return b"".join(
        key.encrypt(number.to_bytes(11, "big") + bytes([number == last]), chunk, None)
        for number, chunk in enumerate(chunks)
    )


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")


def set_up(**settings: Any) -> None:
    """A cluster that can be backed up."""
    backup_settings.set_password(PASSWORD, actor=ADMIN)
    if settings:
        backup_settings.change_settings(actor=ADMIN, **settings)


def back_up(*, times: int = 1) -> Operation:
    """One backup, as far as it goes."""
    return carry_on(request_backup(actor=ADMIN), times=times)
