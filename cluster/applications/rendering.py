"""From a template and its parameters, or from free entries, to one checked definition."""

from collections.abc import Mapping
from typing import Any

from cluster.applications.catalogue import PLACE, Template
from cluster.errors.applications import refusal_of
from nodes.agent.applications import secrets
from nodes.agent.applications.definition import Definition
from nodes.agent.applications.errors import ApplicationError

Json = dict[str, Any]


def render(template: Template, parameters: Mapping[str, Any], *, name: str) -> Definition:
    """What the node is told; raises ApplicationInvalid and the other refusals of a definition."""
    filled = _fill(template.definition, parameters)
    filled["environment"] = {k: _word(v) for k, v in filled.get("environment", {}).items()}
    secrets = template.secrets
    return parse({**filled, "name": name, **({"secrets": secrets} if secrets else {})})


def parse(source: Mapping[str, Any]) -> Definition:
    """Checked by the very rules of the node."""
    try:
        return Definition.parse(source)
    except ApplicationError as error:
        raise refusal_of(error.code, error.detail, field=error.field or None) from error


def check_secrets(template: Template, values: Mapping[str, str]) -> None:
    """By the template's own rules, which the node applies again; raises ApplicationInvalid."""
    try:
        secrets.check(values, template.secret_rules)
    except ApplicationError as error:
        raise refusal_of(error.code, error.detail, field=error.field) from error


def check_allowed(definition: Definition, allowed: list[str]) -> None:
    """Raises PrivilegedRefused, HostNetworkRefused, HostPathRefused."""
    try:
        definition.check_allowed(allowed)
    except ApplicationError as error:
        raise refusal_of(error.code, error.detail, field=error.field or None) from error


def _word(value: Any) -> str:
    """Of a variable of the environment."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fill(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A text that is one parameter becomes its value; in a longer one it is written out."""
    if isinstance(value, dict):
        return {key: _fill(each, parameters) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, parameters) for each in value]
    if not isinstance(value, str):
        return value
    whole = PLACE.fullmatch(value)
    if whole:
        return parameters[whole[1]]
    return PLACE.sub(lambda place: str(parameters[place[1]]), value)
