"""The log of requests."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
LOGGER = "django_structlog.middlewares.request"


def test_header_does_not_change_the_logged_address(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.get(
        "/no-such-page/", REMOTE_ADDR="192.0.2.5", headers={"x-forwarded-for": "203.0.113.9"}
    )

    logged = [vars(record)["msg"]["ip"] for record in caplog.records if record.name == LOGGER]
    assert logged == ["192.0.2.5"]
