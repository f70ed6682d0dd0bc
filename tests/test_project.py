"""Rules of the whole project: walked, not remembered."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from audit.actions import AuditAction
from config.commands import RootCommand
from config.errors import DomainError
from tests.errors import APPS, own_errors

SHARED_CODES = {
    "node_not_found": "404 to people, and 401 to a node that is no longer a member",
}
"""Codes that two errors have, and why."""


def test_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(error.code for error in own_errors() if "code" in vars(error))

    assert {code for code, times in codes.items() if times > 1} == set(SHARED_CODES)


@pytest.mark.parametrize("error", own_errors(), ids=lambda error: error.__name__)
def test_error_speaks(error: type[DomainError]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code)
    assert error.message.strip()
    assert 400 <= error.status < 600


@pytest.mark.parametrize("action", list(AuditAction), ids=str)
def test_action_has_a_dotted_name_and_a_sentence(action: AuditAction) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+", action.value)
    assert " " in action.label
    assert action.label[0].islower()
    assert not action.label.endswith(".")


def test_sentences_differ() -> None:
    sentences = Counter(action.label for action in AuditAction)

    assert [sentence for sentence, times in sentences.items() if times > 1] == []


def source_of(*folders: str) -> str:
    """All Python below ``folders``."""
    root = Path(settings.BASE_DIR)
    files = (path for folder in folders for path in (root / folder).rglob("*.py"))
    return "\n".join(path.read_text() for path in files)


def test_every_action_is_recorded_somewhere() -> None:
    code = source_of(*APPS)

    unrecorded = {action.name for action in AuditAction if f"AuditAction.{action.name}" not in code}
    assert unrecorded == set()


@pytest.mark.parametrize("name", sorted(n for n, app in get_commands().items() if app in APPS))
def test_every_command_needs_root(name: str) -> None:
    """By what is common to all of them, which asks before anything else is done."""
    command = load_command_class(get_commands()[name], name)

    assert isinstance(command, RootCommand)
    assert type(command).handle is RootCommand.handle


def test_every_command_is_tested() -> None:
    ours = {name for name, app in get_commands().items() if app in APPS}
    tests = source_of("tests")

    assert sorted(name for name in ours if f'"{name}"' not in tests) == []
