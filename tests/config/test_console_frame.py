"""What surrounds every page: navigation, forms, refusals; and what no page may contain."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.models import Administrator
from cluster.models import Cluster
from config.shell import Shell
from tests.cluster.conftest import cluster, resolvable_names, tls_certificate
from tests.fakes import FakeAgent, local_agent

__all__ = ["cluster", "local_agent", "resolvable_names", "tls_certificate"]
pytestmark = pytest.mark.django_db
TEMPLATES = sorted(Path(settings.BASE_DIR).glob("*/templates/**/*.html"))


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(Administrator.objects.create(username="alice"))
    return client


def links(path: str) -> dict[str, str]:
    """Label and ``aria-current`` of each link in the navigation of a page."""
    shell = Shell(RequestFactory().get(path))
    return {item.label: item.current for section in shell.navigation for item in section.items}


def test_navigation_of_a_leader_has_every_page(cluster: Cluster) -> None:
    assert list(links("/nodes/"))[:3] == ["Overview", "Nodes", "Applications"]
    settings = [*links("/nodes/")]
    settings = settings[settings.index("Cluster") :]
    assert settings[:4] == ["Cluster", "Cluster administrators", "Account", "API tokens"]
    assert settings[4:7] == ["Backup", "Audit retention", "Audit forwarding"]
    assert settings[7:] == ["Log retention", "Log forwarding", "Application settings"]


def test_navigation_of_a_new_machine_has_no_page_of_a_cluster(local_agent: FakeAgent) -> None:
    assert list(links("/welcome/"))[:2] == ["Welcome", "Cluster administrators"]
    assert list(links("/welcome/"))[2:] == ["Account", "API tokens"]


def test_navigation_leads_only_to_pages_that_exist(cluster: Cluster) -> None:
    shell = Shell(RequestFactory().get("/nodes/"))

    for section in shell.navigation:
        for item in section.items:
            resolve(item.url)


def test_navigation_marks_one_entry_of_each_page(cluster: Cluster) -> None:
    """None lies in the section of another."""
    pages = [
        item.url
        for section in Shell(RequestFactory().get("/")).navigation
        for item in section.items
    ]
    assert {page: sum(map(bool, links(page).values())) for page in pages} == dict.fromkeys(pages, 1)


def test_navigation_marks_the_page_and_the_section_it_is_in(cluster: Cluster) -> None:
    assert links("/nodes/")["Nodes"] == "page"
    assert links("/nodes/1/")["Nodes"] == "true"
    assert links("/nodes/1/")["Operations"] == ""


def test_stranger_is_not_told_the_clusters_name(cluster: Cluster) -> None:
    assert cluster.label not in Client().get("/login/").text


def test_field_shows_its_error_tied_to_it() -> None:
    class Form(forms.Form):
        label = forms.CharField(help_text="What people call it.")

    html = str(Form({}))

    assert 'aria-describedby="id_label_helptext id_label_error"' in html
    assert 'id="id_label_error"' in html


def test_checkbox_stands_before_its_label() -> None:
    class Form(forms.Form):
        agree = forms.BooleanField()

    assert re.search(r'<input type="checkbox".*<label for="id_agree">', str(Form()))


def test_unknown_page_is_refused_in_our_look(browser: Client, local_agent: FakeAgent) -> None:
    answer = browser.get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_form_without_its_token_is_refused_in_our_look(local_agent: FakeAgent) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/login/", {"username": "alice"})

    assert answer.status_code == 403
    assert "The form was too old" in answer.text


def test_crash_is_answered_in_our_look(
    browser: Client, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.views.nodes.cluster_sentence", None)
    browser.raise_request_exception = False

    answer = browser.get("/nodes/")

    assert answer.status_code == 500
    assert "Something went wrong on this machine" in answer.text


def test_pages_obey_the_strict_policy(browser: Client, cluster: Cluster) -> None:
    policy = browser.get("/nodes/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_has_nothing_that_the_policy_forbids(template: Path) -> None:
    """Inline styles and scripts, event attributes, and what htmx would have to evaluate."""
    forbidden = re.compile(
        r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|hx-vars|javascript:|js:"""
    )

    assert not forbidden.search(template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_asks_no_outside_host(template: Path) -> None:
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", template.read_text())
