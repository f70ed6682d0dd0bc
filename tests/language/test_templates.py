"""Every template's words are marked for translation."""

from pathlib import Path

from django.conf import settings

from tests.language.markup import WORD, unmarked_in

ROOT = Path(settings.BASE_DIR)
ATTRIBUTES = ("poll.html", "words.html", "passkey_words.html")
"""Are not between tags, but in one."""
NAMES = {"Flotilla", "UTC", "node", "wide", "quiet", "ssh", "service"}
"""The same in every language: names, ``node3``, and classes that a block adds."""
TEMPLATES = [
    path
    for app in ("config", "accounts", "audit", "cluster")
    for path in (ROOT / app).glob("templates/**/*.html")
    if "styleguide" not in path.as_posix() and path.name not in ("swagger_ui.html", *ATTRIBUTES)
]


def test_templates_have_no_words_that_are_not_marked() -> None:
    found = {path.relative_to(ROOT).as_posix(): unmarked_in(path) for path in TEMPLATES}

    unmarked = {
        name: [text for text in texts if set(WORD.findall(text)) - NAMES]
        for name, texts in found.items()
    }
    assert {name: texts for name, texts in unmarked.items() if texts} == {}
