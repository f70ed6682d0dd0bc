"""The W3C's checker of HTML and CSS (vnu), asked about files."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.browser.checkers import INSTALLED

VNU = INSTALLED / "vnu-jar" / "build" / "dist" / "vnu.jar"
STACK = "-Xss8m"
"""Its grammar of HTML nests deeper than Java's usual stack."""


def complaints(files: Iterable[Path]) -> list[str]:
    """Errors and warnings, each with the file and the line."""
    options = ("--format", "gnu", "--stdout", "--also-check-css", "--exit-zero-always")
    command: list[str | Path] = ["java", STACK, "-jar", VNU, *options, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
