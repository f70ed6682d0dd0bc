"""Every page of the console says where the manual explains it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from accounts.models import Administrator
from cluster.errors.operations import OperationInProgress
from cluster.models import Cluster
from config.help.links import explanation_of, help_for
from config.help.manual import SLUGS, chapter
from config.help.pages import PAGES
from tests.cluster.conftest import cluster, resolvable_names, tls_certificate
from tests.fakes import local_agent

__all__ = ["cluster", "local_agent", "resolvable_names", "tls_certificate"]
TEMPLATES = Path(settings.BASE_DIR).glob("*/templates/**/*.html")
BASE = '{% extends "console/base.html" %}'


@pytest.mark.parametrize("target", sorted(set(PAGES.values())))
def test_what_a_page_links_to_is_in_the_manual(target: str) -> None:
    slug, _, anchor = target.partition("#")

    assert slug in SLUGS
    assert not anchor or anchor in {each.anchor for each in chapter(slug).document.headings}


def page_names() -> list[str]:
    """The URL names of views that show a page in the console's frame."""
    framed = {str(path).partition("/templates/")[2] for path in TEMPLATES if _is_framed(path)}
    views = _views(get_resolver())
    return sorted(name for name, template in views if name and template in framed)


def _is_framed(path: Path) -> bool:
    return path.read_text().startswith(BASE)


def _views(resolver: object) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in getattr(resolver, "url_patterns", []):
        found += _views(entry)
        view = getattr(getattr(entry, "callback", None), "view_class", None)
        found.append((getattr(entry, "name", "") or "", getattr(view, "template_name", "") or ""))
    return found


@pytest.mark.parametrize("name", page_names())
def test_page_has_its_place_in_the_manual(name: str) -> None:
    assert name in PAGES


def test_page_that_the_manual_does_not_know_leads_to_its_contents() -> None:
    assert help_for("nothing") == "/help/"


@pytest.mark.django_db
def test_page_links_to_its_chapter(cluster: Cluster) -> None:
    client = Client()
    client.force_login(Administrator.objects.create(username="alice"))

    page = client.get("/operations/").text

    assert re.search(r'class="topbar-help" href="/help/daily/#operations"', page)


def test_error_leads_to_its_entry() -> None:
    assert explanation_of(OperationInProgress.code) == "/help/errors/#operation_in_progress"


def test_error_that_is_not_ours_leads_nowhere() -> None:
    assert explanation_of("nothing_known") == ""
