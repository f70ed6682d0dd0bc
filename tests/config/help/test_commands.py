"""Every command line in the manual is one that the programs understand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

PAGES = sorted((Path(settings.BASE_DIR) / "docs" / "manual").glob("*.md"))
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
PROGRAM = re.compile(r"(?:\.venv/bin/python manage\.py (?P<command>\w+)|bin/(?P<script>[a-z-]+)) ?")


def command_lines() -> Iterator[str]:
    """What a reader would type, from our own programs' name on."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                found = PROGRAM.search(line)
                if found and not line.lstrip().startswith("deploy/"):
                    yield line[found.start() :].strip()


LINES = sorted(set(command_lines()))


def test_there_are_command_lines() -> None:
    assert len(LINES) > 15


@pytest.mark.parametrize("line", LINES)
def test_command_line_is_understood(line: str) -> None:
    found = PROGRAM.match(line)
    assert found is not None
    name = found["command"] or found["script"].replace("-", "_")
    if name == "apply_vpn_routes":  # the agent's own, without Django
        assert line == "bin/apply-vpn-routes"
        return

    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    parser.parse_args(shlex.split(line[found.end() :]))


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("bin/")])
def test_script_is_there(line: str) -> None:
    assert (Path(settings.BASE_DIR) / line.split()[0]).is_file()
