"""Backs up 254 nodes and 1,000 administrators, with a key that is hardly stretched.

``python -m tests.bench.backing_up ROUNDS`` has a SQLite database of its own. Prints JSON.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import pyrage  # noqa: E402
from django.core.management import call_command  # noqa: E402

from accounts.models import Administrator, Authenticator  # noqa: E402
from cluster.backup.jobs import JobRefused, Processes  # noqa: E402
from cluster.models import Operation  # noqa: E402
from config import environment  # noqa: E402
from config.encryption import encrypt  # noqa: E402
from config.prepare import prepare_files  # noqa: E402
from tests.cluster.backups import InlineJobs, back_up, seal_quickly, set_up  # noqa: E402
from tests.cluster.factories import add_node, create_cluster  # noqa: E402
from tests.fakes import FakeAgent  # noqa: E402

NODES, PEOPLE = 254, 1_000


def prepare() -> None:
    """A leader, its fleet, and everybody with a second factor."""
    prepare_files()
    call_command("migrate", verbosity=0)
    settings.LOCAL_AGENT = FakeAgent(environment.NODE_FILE.parent)
    settings.BACKUP_JOBS = InlineJobs()
    pyrage.passphrase.encrypt = seal_quickly
    create_cluster(max_nodes=NODES, vpn_network="10.5.0.0/16")
    for number in range(2, NODES + 1):
        add_node(number, vpn_address=f"10.5.4.{number}", tls_fingerprint="ab" * 32)
    people = Administrator.objects.bulk_create(
        Administrator(username=f"sailor{number}", password="!") for number in range(PEOPLE)
    )
    key = encrypt("3132333435363738393031323334353637383930")
    Authenticator.objects.bulk_create(
        Authenticator(user=person, confirmed=True, encrypted_key=key) for person in people
    )
    set_up()


def measure_backup() -> float:
    """Seconds from being asked to success."""
    began = time.perf_counter()
    operation = back_up()
    assert operation.state == Operation.State.SUCCEEDED, operation.error_detail
    return time.perf_counter() - began


def measure_process(folder: Path) -> float:
    """Seconds that a job's process takes beside its work: it refuses at once."""
    (folder / "photo").write_bytes(b"not age")
    order = {"source": str(folder / "photo"), "password": "x", "folder": str(folder)}
    began = time.perf_counter()
    try:
        Processes().ask("unseal", order, folder=folder)
    except JobRefused:
        return time.perf_counter() - began
    raise AssertionError("the photo was opened")


def main(arguments: Sequence[str]) -> None:
    rounds = int(arguments[0])
    prepare()
    folder = environment.STATE_DIR
    measure_backup()  # whatever is only loaded once
    before = os.times()
    seen = {
        "backups": [measure_backup() for _ in range(rounds)],
        "processes": [measure_process(folder) for _ in range(rounds)],
    }
    used = sum(os.times()[:4]) - sum(before[:4])
    size = max(path.stat().st_size for path in (folder / "backup").glob("*.age"))
    print(json.dumps(seen | {"size": size, "used": used / rounds}))


if __name__ == "__main__":
    main(sys.argv[1:])
