"""Forms for what an application shall be: built from a template's schema, or free."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from cluster.applications.catalogue import Template
from cluster.models import ApplicationPolicy
from cluster.views.application_text import (
    LinesField,
    read_command,
    read_pair,
    read_port,
    read_volume,
    write_pairs,
    write_ports,
    write_volumes,
)
from cluster.views.fields import MONO, node_choices
from config.sentences import say

Json = dict[str, Any]
KEPT = gettext_noop("Leave it empty to keep the present one.")


class PlaceForm(forms.Form):
    """Where it shall run, and what it is called there."""

    node = forms.TypedChoiceField(coerce=int, label=_("Node"))
    name = forms.CharField(
        max_length=40,
        label=_("Name"),
        help_text=_("a to z, 0 to 9 and -. It is the container's name too."),
        widget=forms.TextInput(attrs=MONO),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = cast(forms.ChoiceField, self.fields["node"])
        field.choices = node_choices()


class ParametersForm(forms.Form):
    """The parameters of a template; ``is_change`` for one that runs already."""

    def __init__(
        self, *args: Any, template: Template, is_change: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.template = template
        for name, schema in template.parameters.items():
            self.fields[name] = _field(schema, is_change=is_change)

    @property
    def parameters(self) -> Json:
        """What was entered, without what was left empty."""
        entered = {name: self.cleaned_data.get(name) for name in self.template.plain}
        return {name: value for name, value in entered.items() if value not in (None, "")}

    @property
    def secrets(self) -> dict[str, str]:
        entered = {name: self.cleaned_data.get(name) for name in self.template.secrets}
        return {name: value for name, value in entered.items() if value}


class ImageForm(forms.Form):
    """An image of one's own, with all that can be said about it."""

    image = forms.CharField(
        max_length=255,
        label=_("Image"),
        widget=forms.TextInput(attrs=MONO | {"placeholder": "docker.io/library/nginx:1.27"}),
        help_text=_("With its registry. The node fetches it if it does not have it."),
    )
    archive = forms.CharField(
        max_length=104,
        required=False,
        label=_("Image archive"),
        widget=forms.TextInput(attrs=MONO | {"placeholder": "site.tar"}),
        help_text=_(
            "A file in the directory images below the node's state directory, instead of "
            "a registry."
        ),
    )
    ports = LinesField(
        read_port,
        label=_("Ports"),
        help_text=_(
            "One a line: the node's port, then the container's, as in 8080:80. "
            "vpn:8080:80 is open in the VPN only, local:8080:80 on the node only."
        ),
    )
    volumes = LinesField(
        read_volume,
        label=_("Volumes"),
        help_text=_(
            "One a line: a name, then the path in the container, as in data:/var/lib/app. "
            "./conf:/etc/app:ro is a path in the application's own directory, read only."
        ),
    )
    environment = LinesField(
        read_pair,
        label=_("Variables"),
        help_text=_("NAME=value, one a line. Everybody who may look sees them."),
    )
    secrets = LinesField(
        read_pair,
        label=_("Secrets"),
        help_text=_(
            "NAME=value, one a line. They reach the "
            "application as variables, sealed for the node, and are never shown again."
        ),
    )
    command = forms.CharField(
        max_length=4000,
        label=_("Command"),
        required=False,
        widget=forms.TextInput(attrs=MONO),
        help_text=_("Instead of the image's own."),
    )
    memory = forms.IntegerField(
        min_value=8,
        max_value=1024 * 1024,
        required=False,
        label=_("Memory"),
        help_text=_("MiB at most."),
    )
    health = forms.ChoiceField(
        choices=[
            ("none", _("Not checked")),
            ("tcp", _("A port is open")),
            ("http", _("A page answers")),
        ],
        label=_("Healthy when"),
    )
    health_port = forms.IntegerField(
        min_value=1,
        max_value=65535,
        required=False,
        label=_("Health port"),
        help_text=_("The container's."),
    )
    health_path = forms.CharField(
        max_length=200,
        required=False,
        initial="/",
        label=_("Health path"),
        widget=forms.TextInput(attrs=MONO),
    )
    host_network = forms.BooleanField(required=False, label=_("Use the node's own network"))
    privileged = forms.BooleanField(required=False, label=_("Privileged: it owns the node"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        policy = ApplicationPolicy.load()
        for name in ("host_network", "privileged"):
            if not getattr(policy, name):
                del self.fields[name]

    def clean_command(self) -> list[str]:
        return read_command(self.cleaned_data["command"])

    @property
    def definition(self) -> Json:
        """But for its name and its secrets."""
        entered = self.cleaned_data
        health: Json = {"kind": entered["health"]}
        if entered["health"] != "none":
            health |= {"port": entered["health_port"] or 0, "path": entered["health_path"] or "/"}
        return {
            "image": entered["image"],
            "archive": entered.get("archive", ""),
            "ports": entered["ports"],
            "volumes": entered["volumes"],
            "environment": dict(entered["environment"]),
            "command": entered["command"],
            "memory": entered["memory"] or 0,
            "health": health,
            "network": "host" if entered.get("host_network") else "own",
            "privileged": bool(entered.get("privileged")),
        }

    @property
    def given_secrets(self) -> dict[str, str]:
        return dict(self.cleaned_data["secrets"])


def initial_of(definition: Json) -> Json:
    """A definition as the free form shows it; of secrets nothing."""
    health = definition["health"]
    return {
        "image": definition["image"],
        "archive": definition["archive"],
        "ports": write_ports(definition["ports"]),
        "volumes": write_volumes(definition["volumes"]),
        "environment": write_pairs(definition["environment"]),
        "command": " ".join(definition["command"]),
        "memory": definition["memory"] or None,
        "health": health["kind"],
        "health_port": health["port"] or None,
        "health_path": health["path"],
        "host_network": definition["network"] == "host",
        "privileged": definition["privileged"],
    }


def _field(schema: Json, *, is_change: bool) -> forms.Field:
    """What the schema asks for; the service checks it once more."""
    common: Json = {
        "label": say(schema.get("title", "")) or None,
        "help_text": say(schema.get("description", "")),
        "initial": schema.get("default"),
    }
    if schema.get("writeOnly"):
        return _secret_field(schema, common, is_change=is_change)
    if schema["type"] == "boolean":
        return forms.BooleanField(required=False, **common)
    if schema["type"] == "integer":
        least, most = schema.get("minimum"), schema.get("maximum")
        return forms.IntegerField(min_value=least, max_value=most, **common)
    if "enum" in schema:
        return forms.ChoiceField(choices=[(each, each) for each in schema["enum"]], **common)
    longest = schema.get("maxLength", 300)
    if "pattern" in schema:
        return forms.RegexField(regex=schema["pattern"], max_length=longest, **common)
    return forms.CharField(max_length=longest, **common)


def _secret_field(schema: Json, common: Json, *, is_change: bool) -> forms.Field:
    hint = f"{common['help_text']} {gettext(KEPT) if is_change else ''}".strip()
    return forms.CharField(
        label=common["label"],
        help_text=hint,
        required=not is_change,
        strip=False,
        min_length=schema.get("minLength"),
        max_length=8192,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
