"""The API's schema and its pages."""

import pytest
from django.test import Client

from tests.accounts.factories import make_administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(make_administrator())
    return client


@pytest.mark.parametrize("path", ["/api/docs/", "/api/schema/"])
def test_stranger_reads_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 401


def test_page_has_nothing_inline(administrator: Client) -> None:
    page = administrator.get("/api/docs/").content.decode()

    assert "swagger-ui-bundle" in page
    assert "<style" not in page
    assert "<script>" not in page


def test_schema_is_served_to_those_who_may_use_the_api(administrator: Client) -> None:
    assert "/api/v1/nodes/" in administrator.get("/api/schema/").content.decode()
