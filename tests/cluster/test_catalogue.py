"""The catalogue: every template is whole, and its parameters are checked."""

from typing import Any

import jsonschema
import pytest

from cluster.applications.catalogue import Template, fill_in, find_template, list_templates
from cluster.applications.rendering import render
from cluster.errors.applications import ParametersInvalid, TemplateNotFound

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
