"""Who sends an image archive, and where it goes. Each module says who its ``admin`` is."""

from pathlib import Path

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Administrator
from cluster.applications import uploads
from tests.accounts.factories import log_in_directly
from tests.cluster.factories import json_client

API, PAGE = "/api/v1/application-images/", "/applications/upload/"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where archives are, for this test alone."""
    monkeypatch.setattr(uploads, "directory", lambda: tmp_path / "uploads")


@pytest.fixture
def api(admin: Administrator) -> APIClient:
    return json_client(admin)


@pytest.fixture
def page(admin: Administrator) -> Client:
    client = Client()
    log_in_directly(client, admin)
    return client
