"""What a template says of its secrets: checked before they are sealed, and when they are opened."""

import re
from collections.abc import Mapping
from typing import Any

from nodes.agent.applications.errors import DefinitionInvalid

LONGEST = 8192
RULES = ("minLength", "maxLength", "pattern")
"""As in JSON schema."""
Rules = Mapping[str, Mapping[str, Any]]


def check(values: Mapping[str, str], rules: Rules) -> None:
    """Raises DefinitionInvalid, which says what is wrong and never the value."""
    for name, value in values.items():
        _check(name, value, rules.get(name) or {})


def _check(name: str, value: str, rule: Mapping[str, Any]) -> None:
    least, most = int(rule.get("minLength", 1)), int(rule.get("maxLength", LONGEST))
    if not least <= len(value) <= most:
        raise DefinitionInvalid(field=name, problem=f"{name} has {least} to {most} characters")
    form = str(rule.get("pattern", ""))
    if not re.search(form, value):
        raise DefinitionInvalid(field=name, problem=f"{name} is not of the form {form}")
