"""Every word of every page comes from the catalogue, or is data."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from cluster.applications.catalogue import list_templates
from tests.access import read_table
from tests.language.markup import WORD, words_of
from tests.routes import all_routes
from tests.walks.callers import Callers, undone

pytestmark = pytest.mark.django_db
CATALOGUE: object = vars(translation)["_trans"]
"""Where Django's functions look a text up."""
MARKED = re.compile("⟦[^⟦⟧]*⟧")
PATHS = {route.pattern: route.path for route in all_routes()}
ENGLISH = ("api/", "agent/", "help/", "styleguide/", "healthz", "readyz", "metrics")
"""What is read by programs, or by developers; and the manual."""
PAGES = [
    PATHS[row.pattern]
    for row in read_table()
    if row.method == "get" and row.pattern in PATHS and not row.pattern.startswith(ENGLISH)
]
NAMED = re.compile(r"[\w.*-]+\.example\.org")
HEX = re.compile(r"[0-9a-f-]{36}|[\w-]{43}")
"""The number of a join code, an operation or an address, and a fingerprint."""
DATA = {"Flotilla", "Fleet", "UTC", "ann", "alice", "node", "English", "Italiano", "Debian"}
"""Names, which are the same in every language."""
SAMPLES = {
    "example.org",
    "dc=example,dc=org",
    "-----BEGIN CERTIFICATE-----",
    "docker.io/library/nginx:1.27",
    "site.tar",
    "ssh.service",
}
"""Of what may be typed."""
STORED = (": join code", "Emergency")
"""English for ever in the trail, and the log; ``config.sentences`` says it otherwise."""


def mark(message: str) -> str:
    return f"⟦{message}⟧" if message else ""


TEMPLATES = {text for each in list_templates() for text in (each.title, each.summary)}
"""What can be installed says of itself."""


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language in which every text is itself, with a sign that it went through the catalogue."""
    monkeypatch.setattr(CATALOGUE, "gettext", mark)
    monkeypatch.setattr(CATALOGUE, "pgettext", lambda context, message: mark(message))
    monkeypatch.setattr(
        CATALOGUE, "ngettext", lambda one, many, count: mark(one if count == 1 else many)
    )


def unmarked(html: str) -> Iterator[str]:
    """Texts of a page outside of the signs."""
    before = ""
    while before != html:
        before, html = html, MARKED.sub("", html)
    texts = (HEX.sub("", NAMED.sub("", text)).strip() for text in words_of(html))
    return (text for text in texts if not _is_data(text))


def _is_data(text: str) -> bool:
    is_part_of_choice = "⟦" in text or "⟧" in text  # yesno takes what is marked apart
    return (
        is_part_of_choice
        or text in (*SAMPLES, *STORED, *TEMPLATES)
        or not set(WORD.findall(text)) - DATA
    )


def seen(client: Client, path: str) -> list[str]:
    with undone(client):
        answer = client.get(path)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        return sorted(set(unmarked(answer.text))) if is_page else []


def test_words_of_all_pages_are_marked(marked: None, callers: Callers) -> None:
    client = callers.admin()

    found = {path: seen(client, path) for path in PAGES}

    assert {path: texts for path, texts in found.items() if texts} == {}
