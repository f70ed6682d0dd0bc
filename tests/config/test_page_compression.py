"""Pages travel compressed; what programs ask for does not."""

import gzip

import pytest
from django.test import Client

from tests.accounts.factories import api_client, browser, make_administrator
from tests.cluster.conftest import cluster, resolvable_names, tls_certificate

__all__ = ["cluster", "resolvable_names", "tls_certificate"]

pytestmark = pytest.mark.usefixtures("cluster")
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def ann_browsing() -> Client:
    return browser(make_administrator())


def test_page_is_compressed_for_who_understands_it(ann_browsing: Client) -> None:
    answer = ann_browsing.get("/nodes/", headers=GZIP)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"node1.example.org" in gzip.decompress(answer.content)


def test_page_is_plain_for_who_does_not(ann_browsing: Client) -> None:
    answer = ann_browsing.get("/nodes/")

    assert "Content-Encoding" not in answer.headers


def test_api_compresses_nothing() -> None:
    answer = api_client(make_administrator()).get("/api/v1/nodes/", headers=GZIP)

    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
