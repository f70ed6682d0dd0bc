"""Where the checkers are that are not written in Python (``tests/checkers/package.json``)."""

from pathlib import Path

INSTALLED = Path(__file__).parents[2] / "build" / "checkers" / "node_modules"
