"""Who asks a leader that may not be one any more: administrators, by API and browser."""

import uuid
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.accounts.factories import api_client, browser, make_administrator

CANCEL = f"operations/{uuid.UUID(int=7)}/cancel/"
"""Of an operation that there is not."""
DEED = {"id": "d1", "at": "2026-11-22T12:00:00+00:00", "by": "root@x", "verb": "follow"}


@pytest.fixture
def api() -> APIClient:
    client = api_client(make_administrator())
    client.default_format = "json"
    return client


@pytest.fixture
def page() -> Client:
    return browser(make_administrator("bob"))


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]
