"""What the manual promises: it opens everywhere, every link leads, every code is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.test import Client
from django.urls import Resolver404, resolve

from cluster.models import Cluster
from config.api.handlers import bad_request
from config.help.manual import PARTS, SLUGS, chapter, explained_codes
from config.help.markdown import render
from tests.cluster.conftest import cluster, resolvable_names, tls_certificate
from tests.errors import APPS, own_errors
from tests.fakes import FakeAgent, local_agent
from tests.node_files import node_file, write_node_file

__all__ = [
    "bad_request",
    "cluster",
    "local_agent",
    "node_file",
    "resolvable_names",
    "tls_certificate",
]
OF_THE_FRAMEWORK = {
    "not_authenticated",
    "permission_denied",
    "throttled",
    "required",
    "null",
    "invalid",
    "invalid_choice",
    "max_length",
    "unsupported_media_type",
}
"""Codes that no error of ours has: of fields, tokens and limits."""
FILES = Path(settings.BASE_DIR) / "docs" / "manual"
INNER_LINK = re.compile(r'href="(/[^"#]*)(?:#([^"]*))?"')


def anchors(slug: str) -> set[str]:
    """The ids of a chapter's headings."""
    return {heading.anchor for heading in chapter(slug).document.headings}


def test_every_file_is_a_chapter_once() -> None:
    files = sorted(path.stem for path in FILES.glob("*.md"))

    assert sorted(SLUGS) == files


def test_every_error_code_is_explained() -> None:
    assert {error.code for error in own_errors()} - explained_codes() == set()


def test_no_code_is_explained_that_there_is_not() -> None:
    known = OF_THE_FRAMEWORK | {error.code for error in own_errors()}

    assert explained_codes() - known == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_anchor_is_the_chapters_only_one(slug: str) -> None:
    found = [heading.anchor for heading in chapter(slug).document.headings]

    assert len(found) == len(set(found))


@pytest.mark.parametrize("slug", SLUGS)
def test_link_leads_to_a_chapter_and_its_heading(slug: str) -> None:
    links = INNER_LINK.findall(chapter(slug).document.html)

    broken = [
        (page, anchor)
        for page, anchor in links
        if resolve(page).kwargs["slug"] not in SLUGS
        or (anchor and anchor not in anchors(resolve(page).kwargs["slug"]))
    ]
    assert broken == []


@pytest.mark.parametrize("slug", SLUGS)
def test_chapter_begins_with_what_it_is_about(slug: str) -> None:
    document = chapter(slug).document

    assert document.title
    assert document.summary.endswith(".")


@pytest.mark.parametrize("slug", SLUGS)
def test_no_heading_is_deeper_than_an_entry(slug: str) -> None:
    assert {heading.level for heading in chapter(slug).document.headings} <= {2, 3}


def test_every_command_is_listed() -> None:
    text = (FILES / "commands.md").read_text(encoding="utf-8")
    ours = {name for name, app in get_commands().items() if app in APPS}

    listed = {name for name in ours if f"manage.py {name}`" in text or f"bin/{name}" in text}
    assert listed | {"api_cli"} == ours


def test_what_is_not_markdown_is_text() -> None:
    html = render("# Title\n\nAbout.\n\n<script>x</script> [a](javascript:x)\n").html

    assert "<script" not in html
    assert 'href="javascript' not in html


def test_error_has_its_code_for_an_anchor() -> None:
    assert "join_code_expired" in anchors("errors")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["leader", "worker", "removed", "deposed"])
def test_stranger_reads_the_manual_whatever_the_node_is(role: str, node_file: Path) -> None:
    write_node_file(node_file, role=role)

    answer = Client().get("/help/lost-leader/")

    assert answer.status_code == 200
    assert "switch-leader --node 3" in answer.text


@pytest.mark.django_db
def test_new_machine_has_the_manual(local_agent: FakeAgent) -> None:
    assert "make run" in Client().get("/help/install/").text


@pytest.mark.django_db
def test_contents_list_every_chapter(local_agent: FakeAgent) -> None:
    page = Client().get("/help/").text

    listed = [slug for slug in SLUGS if f'href="/help/{slug}/"' in page]
    assert listed == list(SLUGS)
    assert all(title in page for title, _ in PARTS)


@pytest.mark.django_db
def test_unknown_chapter_is_not_found(local_agent: FakeAgent) -> None:
    assert Client().get("/help/nothing/").status_code == 404


@pytest.mark.django_db
def test_stranger_is_not_told_of_the_cluster(cluster: Cluster) -> None:
    page = Client().get("/help/join/").text

    assert cluster.label not in page
    assert "/nodes/" not in page.split("<main")[0]


def test_nothing_below_a_chapter_is_a_page() -> None:
    with pytest.raises(Resolver404):
        resolve("/help/../settings/")
