"""What attacks by machine find in the trail's filters and settings: nothing.

schemathesis makes requests of what the schema says and of what it forbids; sqlmap looks for SQL
that gets through.
"""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from tests.audit.factories import make_event
from tests.audit.proofs import FULL
from tests.audit.serving import Served, served, tls_certificate

__all__ = ["served", "tls_certificate"]

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = "100" if FULL else "3"
SCHEMA = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "response_headers_conformance"),
)
FILTERS = {
    "user": "ann",
    "action": "node.changed",
    "outcome": "ok",
    "target": "node:3",
    "source": "192.0.2.7",
    "since": "2024-01-01",
    "until": "2099-01-01",
    "q": "node",
    "page_size": "5",
}


def test_no_request_gets_another_answer_than_the_schema_says(
    served: Served, tmp_path: Path
) -> None:
    make_event()
    command: list[str | Path] = [
        *(Path(sys.executable).with_name("schemathesis"), "run", SCHEMA, "--url", served.address),
        *("--header", served.header, "--tls-verify", "false", "--seed", "1", "--no-color"),
        *("--include-path-regex", "^/api/v1/audit/", "--max-examples", EXAMPLES),
        *("--phases", "coverage,fuzzing" if FULL else "fuzzing", "--checks", ",".join(CHECKS)),
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.lab
def test_no_sql_gets_through_a_filter(served: Served, tmp_path: Path) -> None:
    make_event()
    command: list[str | Path] = [
        *("sqlmap", "--batch", "--flush-session", "--output-dir", tmp_path, "--threads", "4"),
        *("--url", f"{served.address}/api/v1/audit/events/?{urlencode(FILTERS)}"),
        *("--headers", served.header, "--level", "1", "--risk", "1", "--ignore-code", "400"),
        *("--technique", "BEUS", "--dbms", connection.vendor),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "all tested parameters do not appear to be injectable" in done.stdout, done.stdout
