"""Polled parts that are made once for all who ask within a moment."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from cluster.models import Cluster
from cluster.views.shared import KEPT
from nodes.models import Node
from tests.accounts.factories import log_in_directly, make_administrator
from tests.cluster.factories import add_node, make_code

pytestmark = pytest.mark.django_db
POLL = {"HX-Request": "true"}
SHARED = ["/overview/", "/nodes/", "/operations/", "/banners/"]


@pytest.fixture(autouse=True)
def kept(settings: Any) -> Iterator[None]:
    """For longer than a test takes."""
    settings.POLLED_PARTS_KEPT_SECONDS = 60
    yield
    caches[KEPT].clear()


@pytest.fixture
def other(db: None) -> Client:
    """Another administrator's browser."""
    client = Client()
    log_in_directly(client, make_administrator("olaf"))
    return client


def poll(browser: Client, path: str, **headers: str) -> str:
    return browser.get(path, headers=POLL | headers).text


def relabel() -> None:
    Node.objects.filter(pk=1).update(label="Flagship")


def test_second_reader_gets_what_the_first_was_answered(
    browser: Client, other: Client, cluster: Cluster
) -> None:
    first = poll(browser, "/nodes/")
    relabel()

    assert poll(other, "/nodes/") == first


def test_opened_page_shows_what_is_now(browser: Client, cluster: Cluster) -> None:
    """Whoever changed something is led to a page, and sees it there at once."""
    poll(browser, "/nodes/")
    relabel()

    assert "Flagship" in browser.get("/nodes/").text


def test_part_is_made_anew_when_its_moment_is_over(
    browser: Client, cluster: Cluster, settings: Any
) -> None:
    settings.POLLED_PARTS_KEPT_SECONDS = 0
    poll(browser, "/nodes/")
    relabel()

    assert "Flagship" in poll(browser, "/nodes/")


@pytest.mark.parametrize("path", SHARED)
def test_shared_part_says_nothing_of_its_reader(
    path: str, browser: Client, other: Client, cluster: Cluster
) -> None:
    """Nor has it a form's token, which is one browser's own."""
    make_code()
    first = poll(browser, path)
    caches[KEPT].clear()

    assert poll(other, path) == first
    assert "csrf" not in first


def test_auditor_is_not_answered_with_an_administrators_part(
    browser: Client, auditor: Client, cluster: Cluster
) -> None:
    add_node(2)
    seen = poll(browser, "/nodes/")

    assert poll(auditor, "/nodes/") != seen


def test_each_is_answered_in_his_language(browser: Client, other: Client, cluster: Cluster) -> None:
    assert "Last contact" in poll(browser, "/nodes/")
    assert "Last contact" not in poll(other, "/nodes/", **{"Accept-Language": "it"})


def test_filtered_part_is_not_the_unfiltered_one(browser: Client, cluster: Cluster) -> None:
    assert poll(browser, "/operations/") != poll(browser, "/operations/?state=failed")


@pytest.mark.parametrize("path", SHARED)
def test_stranger_is_not_answered_with_what_is_kept(
    path: str, browser: Client, stranger: Client, cluster: Cluster
) -> None:
    seen = poll(browser, path)
    answer = stranger.get(path, headers=POLL)

    assert answer.headers.get("HX-Refresh") or answer.text != seen
