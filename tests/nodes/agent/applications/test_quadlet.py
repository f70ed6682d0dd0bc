"""Podman's own generator reads the units that the agent writes."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cluster.applications.catalogue import Template, fill_in, list_templates
from cluster.applications.rendering import render
from nodes.agent.applications import arguments, quadlet
from nodes.agent.applications.definition import Definition
from nodes.agent.applications.entries import Entries, Entry

pytestmark = pytest.mark.lab

GENERATOR = Path(__file__).parents[4] / "build" / "quadlet"
ITS_OWN = {"--rm", "--cidfile=%t/%N.cid", "--cgroups=split", "--sdnotify=conmon"}
"""By which systemd knows a container as its service."""
LONG = {"-d": "--detach", "-v": "--volume"}
FLAGS = {"-d", "--detach", "--replace", "--rm", "--privileged"}
HOSTILE = {
    "specifier": "50 % of %h",
    "variable": "${HOME} $HOME $$",
    "quote": 'a" ExecStartPre="/bin/sh',
    "apostrophe": "it's",
    "backslash": "a\\",
    "escape": "\\x41\\n",
    "section": "[Service] ExecStart=/bin/sh",
    "spaces": "  a  b ",
    "comment": "#;",
    "option": "--privileged",
    "foreign": "é 😀",
    "nothing": "",
    "semicolon": ";",
    "escaped semicolon": "\\;",
}
EVERYTHING: dict[str, Any] = {
    "name": "web",
    "image": "localhost/a/web:1",
    "environment": {"LEVEL": "info"},
    "secrets": ["TOKEN"],
    "ports": [
        {"container": 80, "host": 8080, "bind": "local"},
        {"container": 53, "host": 53, "protocol": "udp"},
        {"container": 81, "host": 8081, "bind": "vpn"},
    ],
    "volumes": [
        {"name": "data", "path": "/data"},
        {"source": "conf.d", "path": "/etc/web", "read_only": True},
        {"source": "/srv/web", "path": "/srv"},
    ],
    "health": {"kind": "http", "port": 80, "path": "/%2e?a=$b"},
    "memory": 64,
    "privileged": True,
}


def generated(entry: Entry, entries: Entries, directory: Path) -> list[str]:
    """What systemd would run, as it reads the line: systemd.service(5)."""
    (directory / f"flotilla-{entry.name}.container").write_text(quadlet.unit(entry, entries))
    surroundings = os.environ | {"QUADLET_UNIT_DIRS": str(directory)}
    command = (GENERATOR, "-dryrun", "-no-kmsg-log")
    done = subprocess.run(command, env=surroundings, text=True, capture_output=True, check=True)
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("ExecStart=")]
    return [_expanded(word) for word in shlex.split(line.partition("=")[2])]


def _expanded(word: str) -> str:
    """A bare ``;`` would begin another command; a bare ``%`` or ``$`` would stand for something."""
    named = {f"${{{name}}}": value for value, name in quadlet.VARIABLES.items()}
    assert word != ";"
    assert word in named or word in ITS_OWN or re.fullmatch(r"(?:[^%$]|%%|\$\$)*", word)
    return named.get(word, word.replace("%%", "%").replace("$$", "$"))


def options_and_rest(words: list[str], image: str) -> tuple[set[str], list[str]]:
    """Each option as ``--name=value``, in whatever order; then the image and its command."""
    at = words.index(image)
    rest, found = iter(words[:at]), set()
    for word in rest:
        name = LONG.get(word, word)
        found.add(name if "=" in name or word in FLAGS else f"{name}={next(rest)}")
    return found, words[at:]


def check_is_the_same(entry: Entry, directory: Path) -> None:
    """As where the agent itself runs podman."""
    entries = Entries(directory / "applications")
    podman, run, *words = generated(entry, entries, directory)
    assert (podman, run) == ("/usr/bin/podman", "run")
    found, rest = options_and_rest(words, entry.image)
    wanted, command = options_and_rest(arguments.run_arguments(entry, entries), entry.image)
    assert found - ITS_OWN == wanted
    assert rest == command


@pytest.fixture(autouse=True)
def _journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where systemd runs."""
    monkeypatch.setattr(arguments, "has_journal", lambda: True)


def entry_of(source: dict[str, Any] | Definition) -> Entry:
    definition = source if isinstance(source, Definition) else Definition.parse(source)
    names = {name: f"flotilla-{definition.name}.{name}.1" for name in definition.secrets}
    image = definition.image
    return Entry(definition, revision=1, image=image, address="10.5.4.2", secrets=names)


@pytest.mark.parametrize("template", list_templates(), ids=lambda template: template.slug)
def test_template_is_the_same_container_by_systemd(template: Template, tmp_path: Path) -> None:
    entered = {"domain": "https://vault.example.org"} if "domain" in template.plain else {}
    definition = render(template, fill_in(template, entered), name="example")
    check_is_the_same(entry_of(definition), tmp_path)


def test_everything_that_can_be_asked_for_is_the_same_by_systemd(tmp_path: Path) -> None:
    check_is_the_same(entry_of(EVERYTHING), tmp_path)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=list(HOSTILE))
def test_value_is_the_same_by_systemd(value: str, tmp_path: Path) -> None:
    """It ends no command, begins no other one, and is expanded by nobody."""
    hostile = {"command": ["serve", value, "more"], "environment": {"A": value}}
    check_is_the_same(entry_of(EVERYTHING | hostile), tmp_path)
