"""The Italian catalogue is whole, and fits the sources."""

import re
from pathlib import Path

import pytest

from tests.language.collecting import CATALOGUE, compiled, left, merged, texts

PLACE = re.compile(r"%\(\w+\)[a-z]|\{\w+[^}]*\}|</?[a-z][^>]*>")
"""What is filled in, and elements around it."""


@pytest.mark.parametrize("which", ["untranslated", "only-fuzzy", "only-obsolete"])
def test_catalogue_has_nothing_that_is(which: str) -> None:
    assert left(which) == ""


def test_compiled_catalogue_is_the_text_s(tmp_path: Path) -> None:
    assert texts(CATALOGUE.with_suffix(".mo")) == compiled(CATALOGUE, inside=tmp_path)


def test_catalogue_has_what_the_sources_mark_and_nothing_else(tmp_path: Path) -> None:
    catalogue = merged(tmp_path)

    assert (left("untranslated", catalogue), left("only-obsolete", catalogue)) == ("", "")


def test_translations_have_the_places_of_their_texts() -> None:
    found = texts(CATALOGUE.with_suffix(".mo")).items()

    other = {
        text: translation
        for text, translation in found
        if sorted(PLACE.findall(text)) != sorted(PLACE.findall(translation))
    }
    assert other == {}
