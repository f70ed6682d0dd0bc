"""The catalogue: every template is whole, and its parameters are checked."""

import re
from typing import Any

import jsonschema
import pytest

from cluster.applications.catalogue import Template, fill_in, find_template, list_templates
from cluster.applications.rendering import check_secrets, render
from cluster.errors.applications import (
    ApplicationInvalid,
    ParametersInvalid,
    TemplateNotFound,
)
from nodes.agent.applications.secrets import RULES

each_template = pytest.mark.parametrize("template", list_templates(), ids=lambda t: t.slug)
EXAMPLES = {"domain": "https://vault.example.org"}


@each_template
def test_template_renders_to_a_definition_that_a_node_accepts(template: Template) -> None:
    entered = {name: value for name, value in EXAMPLES.items() if name in template.plain}
    definition = render(template, fill_in(template, entered), name="example")
    assert definition.image
    definition.check_allowed(())


@each_template
def test_template_has_a_schema_that_is_one(template: Template) -> None:
    jsonschema.Draft202012Validator.check_schema(template.schema)
    assert not {"node", "name"} & set(template.parameters)


@each_template
def test_what_a_template_says_of_its_secrets_is_all_checked(template: Template) -> None:
    """Of a rule that nobody knows nobody would notice that it is broken."""
    told = {"title", "description", "type", "writeOnly"}
    for name in template.secrets:
        assert set(template.parameters[name]) <= told | set(RULES)
        re.compile(template.parameters[name].get("pattern", ""))


@pytest.mark.parametrize("value", ["elevencharx", ""])
def test_secret_that_the_templates_rule_refuses_is_named_and_not_shown(value: str) -> None:
    with pytest.raises(ApplicationInvalid, match="POSTGRES_PASSWORD has 12 to 8192") as refused:
        check_secrets(find_template("postgres"), {"POSTGRES_PASSWORD": value})
    assert refused.value.field == "POSTGRES_PASSWORD"
    assert not value or value not in refused.value.detail


@pytest.mark.parametrize(
    ("slug", "parameters"),
    [
        ("whoami", {"port": 0}),
        ("whoami", {"port": "8080"}),
        ("whoami", {"colour": "blue"}),
        ("static-site", {"version": "1 --privileged"}),
        ("vaultwarden", {}),
        ("postgres", {"POSTGRES_PASSWORD": "in plain sight"}),
        ("redis", {"bind": "all"}),
    ],
)
def test_bad_parameters_are_refused(slug: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ParametersInvalid):
        fill_in(find_template(slug), parameters)


def test_there_is_no_other_template() -> None:
    with pytest.raises(TemplateNotFound):
        find_template("../../secrets")
