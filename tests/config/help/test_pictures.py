"""The pictures of README and manual: there, small, shown, and none that nobody sees."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from config.help.manual import SLUGS, chapter

ROOT = Path(settings.BASE_DIR)
IMAGES = ROOT / "docs" / "images"
REFERENCE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
WRITTEN = [ROOT / "README.md", *sorted((ROOT / "docs" / "manual").glob("*.md"))]
SHOWN = [(page, name) for page in WRITTEN for name in REFERENCE.findall(page.read_text())]
SOURCE = re.compile(r'<img src="([^"]+)" alt="[^"]+"')


def test_every_picture_is_one_that_the_script_made() -> None:
    named = {(page.parent / name).resolve() for page, name in SHOWN}

    assert named == set(IMAGES.iterdir())


@pytest.mark.parametrize("picture", sorted(IMAGES.iterdir()), ids=lambda path: path.name)
def test_picture_is_small(picture: Path) -> None:
    assert picture.stat().st_size < 120_000


@pytest.mark.parametrize("slug", SLUGS)
def test_chapter_shows_its_pictures_from_this_node(slug: str) -> None:
    text = (ROOT / "docs" / "manual" / f"{slug}.md").read_text()

    sources = SOURCE.findall(chapter(slug).document.html)

    assert len(sources) == len(REFERENCE.findall(text))
    assert all(finders.find(source.removeprefix("/static/")) for source in sources), sources
