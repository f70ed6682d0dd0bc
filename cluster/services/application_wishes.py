"""What is said of an application when it is installed or changed, in JSON."""

from typing import Any

from rest_framework import serializers

from cluster.applications.rendering import parse
from cluster.models import InstalledApplication
from cluster.services.applications import Wish, wish_for_image, wish_for_template

Json = dict[str, Any]
FREE = (
    "image",
    "archive",
    "command",
    "environment",
    "ports",
    "volumes",
    "health",
    "memory",
    "role",
    "domain",
    "network",
    "privileged",
)


class PortSerializer(serializers.Serializer[Any]):
    container = serializers.IntegerField(min_value=1, max_value=65535)
    host = serializers.IntegerField(min_value=1, max_value=65535, required=False)
    protocol = serializers.ChoiceField(["tcp", "udp"], required=False)
    bind = serializers.ChoiceField(  # type: ignore[assignment]  # the field's own name for it
        ["all", "local", "vpn"], required=False
    )


class VolumeSerializer(serializers.Serializer[Any]):
    """A named volume, or a path: a relative one lies in the application's own directory."""

    path = serializers.CharField(max_length=255)
    name = serializers.CharField(max_length=32, required=False)
    source = serializers.CharField(  # type: ignore[assignment]  # the field's own name for it
        max_length=255, required=False
    )
    read_only = serializers.BooleanField(required=False)  # type: ignore[assignment]  # likewise


class HealthSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["none", "tcp", "http"])
    port = serializers.IntegerField(min_value=1, max_value=65535, required=False)
    path = serializers.CharField(max_length=200, required=False)
    seconds = serializers.IntegerField(min_value=1, max_value=600, required=False)


class WishSerializer(serializers.Serializer[Any]):
    """A template with its parameters, or an image with all the rest; ``upload`` is the digest of an
    archive that was sent here.
    """

    template = serializers.CharField(max_length=40, required=False)
    parameters = serializers.DictField(required=False)
    secrets = serializers.DictField(
        child=serializers.CharField(max_length=8192, trim_whitespace=False),
        required=False,
        write_only=True,
    )
    image = serializers.CharField(max_length=255, required=False)
    archive = serializers.CharField(max_length=104, required=False, allow_blank=True)
    upload = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    command = serializers.ListField(
        child=serializers.CharField(max_length=4096), max_length=30, required=False
    )
    environment = serializers.DictField(
        child=serializers.CharField(max_length=4096, allow_blank=True), required=False
    )
    ports = PortSerializer(many=True, required=False)
    volumes = VolumeSerializer(many=True, required=False)
    health = HealthSerializer(required=False)
    memory = serializers.IntegerField(min_value=0, max_value=1024 * 1024, required=False)
    role = serializers.CharField(max_length=32, required=False, allow_blank=True)
    domain = serializers.CharField(max_length=253, required=False, allow_blank=True)
    network = serializers.ChoiceField(["own", "host"], required=False)
    privileged = serializers.BooleanField(required=False)

    def validate(self, attrs: Json) -> Json:
        freely = sorted({*FREE, "upload"} & set(attrs))
        if attrs.get("template") and freely:
            raise serializers.ValidationError({freely[0]: "The template says this already."})
        return attrs


class InstallSerializer(WishSerializer):
    node = serializers.IntegerField(min_value=1)
    name = serializers.CharField(max_length=40)

    def validate(self, attrs: Json) -> Json:
        if not any(attrs.get(name) for name in ("template", "image", "upload")):
            raise serializers.ValidationError({"image": "Give a template or an image."})
        return super().validate(attrs)


class ChangeSerializer(WishSerializer):
    """What is not given stays; ``state`` is asked for by itself."""

    state = serializers.ChoiceField(["running", "stopped", "restarted"], required=False)

    def validate(self, attrs: Json) -> Json:
        if "state" in attrs and len(attrs) > 1:
            raise serializers.ValidationError({"state": "Change the state by itself."})
        if not attrs:
            raise serializers.ValidationError({"state": "Nothing is to be changed."})
        return super().validate(attrs)


def wish_from(values: Json, *, name: str) -> Wish:
    """To install."""
    secrets = values.get("secrets", {})
    if values.get("template"):
        parameters = values.get("parameters", {})
        return wish_for_template(
            values["template"], name=name, parameters=parameters, secrets=secrets
        )
    upload = values.get("upload", "")
    return wish_for_image(_freely(values) | {"name": name}, secrets=secrets, upload=upload)


def changed_wish(values: Json, installed: InstalledApplication) -> Wish:
    """To change: what is given, over what it is."""
    name, secrets = installed.application.name, values.get("secrets", {})
    freely, upload = _freely(values), values.get("upload", "")
    if installed.template and not freely and not upload:
        parameters = installed.parameters | values.get("parameters", {})
        return wish_for_template(
            installed.template, name=name, parameters=parameters, secrets=secrets
        )
    present = parse(installed.definition).to_json()
    return wish_for_image(present | freely, secrets=secrets, upload=upload)


def _freely(values: Json) -> Json:
    return {key: _plain(values[key]) for key in FREE if key in values}


def _plain(value: Any) -> Any:
    """Ordered dictionaries of the serializers as the definition reads them."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
