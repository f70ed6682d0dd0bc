"""``python -m tests.audit.full_disk_story``: a node fills the disk that is its state directory.

Prints what was answered, as JSON; FLOTILLA_STATE_DIR is a small disk of its own.
"""

import io
import json
import os
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from audit.models import AuditEvent  # noqa: E402
from audit.tasks import index_events  # noqa: E402
from audit.verification import verify  # noqa: E402
from config import environment  # noqa: E402
from tests.accounts.factories import (  # noqa: E402
    NEW_PASSWORD,
    api_client,
    browser,
    make_administrator,
    people,
)
from tests.node_files import write_node_file  # noqa: E402

PIECE = 1024 * 1024


def fill(path: Path) -> None:
    """Until nothing more fits, not a byte."""
    with path.open("wb", buffering=0) as file:
        for size in (PIECE, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def tell() -> dict[str, object]:
    ann = make_administrator("ann")
    client = api_client(make_administrator("mia"))
    client.raise_request_exception = False
    told: dict[str, object] = {}

    def change(username: str) -> int:
        answer = client.post("/api/v1/administrators/", {"username": username}, format="json")
        return int(answer.status_code)

    told["change before"] = change("bob")
    filler = environment.STATE_DIR / "filler"
    fill(filler)
    told["change on a full disk"] = change("eve")
    told["trail seen after log-in"] = browser(ann).get("/audit/").status_code
    reset = json.dumps({"user": "ann", "set": {"password": NEW_PASSWORD, "2fa": False}})
    call_command("alter_user", "--data", reset, stdout=io.StringIO(), stderr=io.StringIO())
    ann.refresh_from_db()
    told["root's reset worked"] = ann.check_password(NEW_PASSWORD)
    told["change while room is given up"] = change("eve")
    filler.unlink()
    index_events()
    told["change with space again"] = change("zoe")
    told["people"] = sorted(people())
    told["intact"] = verify().is_intact
    told["actions"] = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    return told


def main() -> int:
    setup_test_environment()
    call_command("migrate", verbosity=0)
    environment.NODE_FILE.parent.mkdir(parents=True, exist_ok=True)
    write_node_file(environment.NODE_FILE, role="leader")
    index_events()
    sys.stdout.write(json.dumps(tell()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
