"""The catalogue: YAML files that say what an application is and what has to be entered for it."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from cluster.errors.applications import ParametersInvalid, TemplateNotFound
from nodes.agent.applications.secrets import RULES

DIRECTORY = Path(__file__).parent / "templates"
LONGEST = 500
PLACE = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")
"""Where a parameter is filled in."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """One application of the catalogue."""

    slug: str
    title: str
    summary: str
    website: str
    definition: Json
    """A definition in which ``${name}`` stands for a parameter."""
    parameters: Json = field(default_factory=dict)
    """JSON schemas by parameter; one with ``writeOnly`` is a secret."""
    notes: str = ""
    """What to do once it runs."""

    @property
    def schema(self) -> Json:
        """Of all parameters together, without the secrets."""
        plain = {name: schema for name, schema in self.parameters.items() if name in self.plain}
        required = [name for name, schema in plain.items() if "default" not in schema]
        return {
            "type": "object",
            "properties": plain,
            "required": required,
            "additionalProperties": False,
        }

    @property
    def image(self) -> str:
        """With the parameters' defaults: what people see before they choose."""
        defaults = {name: schema["default"] for name, schema in _defaults(self)}
        return PLACE.sub(
            lambda place: str(defaults.get(place[1], place[0])), self.definition["image"]
        )

    @property
    def plain(self) -> list[str]:
        """Parameters that are no secret."""
        return [n for n, schema in self.parameters.items() if not schema.get("writeOnly")]

    @property
    def secrets(self) -> list[str]:
        """Names of environment variables whose values are entered in confidence."""
        return [n for n, schema in self.parameters.items() if schema.get("writeOnly")]

    @property
    def secret_rules(self) -> Json:
        """What the value of each must be like."""
        return {
            name: {rule: schema[rule] for rule in RULES if rule in schema}
            for name, schema in self.parameters.items()
            if name in self.secrets
        }


def list_templates() -> list[Template]:
    """All, by title."""
    return sorted(_load().values(), key=lambda template: template.title.lower())


def find_template(slug: str) -> Template:
    """Raises TemplateNotFound."""
    template = _load().get(slug)
    if template is None:
        raise TemplateNotFound(template=slug, field="template")
    return template


def secret_rules_of(slug: str) -> Json:
    """None where the application is of no template, or of one that there is no more."""
    template = _load().get(slug)
    return template.secret_rules if template else {}


def fill_in(template: Template, entered: Json) -> Json:
    """The parameters with their defaults, checked; raises ParametersInvalid."""
    given = {name: schema["default"] for name, schema in _defaults(template)} | entered
    validator = jsonschema.Draft202012Validator(template.schema)
    error = next(iter(sorted(validator.iter_errors(given), key=lambda each: list(each.path))), None)
    if error is not None:
        place = str(error.path[0]) if error.path else "parameters"
        raise ParametersInvalid(field=place, problem=f"{place}: {error.message[:LONGEST]}")
    return given


def _defaults(template: Template) -> list[tuple[str, Json]]:
    plain = [(name, template.parameters[name]) for name in template.plain]
    return [(name, schema) for name, schema in plain if "default" in schema]


@cache
def _load() -> dict[str, Template]:
    return {path.stem: read_template(path) for path in sorted(DIRECTORY.glob("*.yaml"))}


def read_template(path: Path) -> Template:
    """One file of the catalogue."""
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Template(slug=path.stem, **source)
