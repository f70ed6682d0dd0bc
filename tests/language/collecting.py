"""What is marked for translation, read anew from the sources by Debian's ``gettext``."""

import subprocess
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import templatize

ROOT = Path(settings.BASE_DIR)
APPS = ("config", "accounts", "audit", "nodes", "cluster")
CATALOGUE = ROOT / "config" / "locale" / "it" / "LC_MESSAGES" / "django.po"
APART = {"agent", "styleguide", "drf_spectacular"}
"""Folders of what people see on no page of the console; as the Makefile has them."""
KEYWORDS = (
    *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext:1,2", "ngettext_lazy:1,2"),
    *("pgettext:1c,2", "pgettext_lazy:1c,2", "npgettext:1c,2,3"),
)


def sources(*, ending: str) -> Iterator[Path]:
    for app in APPS:
        found = (path for path in (ROOT / app).rglob(f"*.{ending}"))
        yield from (path for path in found if not APART.intersection(path.parts))


def merged(directory: Path) -> Path:
    """The catalogue with the texts that the sources mark now; ``directory`` is for work."""
    for number, template in enumerate(sources(ending="html")):
        text = templatize(template.read_text(), origin=template.name)
        (directory / f"{number}.py").write_text(text)
    files = [*sources(ending="py"), *directory.glob("*.py")]
    known = [f"--keyword={name}" for name in KEYWORDS]
    _run("xgettext", "--language=Python", "--from-code=UTF-8", *known, *files, inside=directory)
    new = directory / "merged.po"
    merge = ("msgmerge", "--no-fuzzy-matching", f"--output-file={new}")
    _run(*merge, CATALOGUE, "messages.po", inside=directory)
    return new


def compiled(catalogue: Path, *, inside: Path) -> dict[str, str]:
    """What the compiler makes of it now."""
    _run("msgfmt", catalogue, "--output-file=now.mo", inside=inside)
    return texts(inside / "now.mo")


def texts(file: Path) -> dict[str, str]:
    """Each text, and its translation; where there are several, the first."""
    with file.open("rb") as opened:
        catalogue: dict[Any, str] = GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
    named = ((key if isinstance(key, str) else key[0], text) for key, text in catalogue.items())
    return {key: text for key, text in named if key}


def left(which: str, catalogue: Path = CATALOGUE) -> str:
    """What a catalogue has that is not as it should be, such as ``untranslated``."""
    return _run("msgattrib", f"--{which}", catalogue, inside=catalogue.parent)


def _run(*command: object, inside: Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=inside, check=True, capture_output=True, text=True
    )
    return done.stdout
