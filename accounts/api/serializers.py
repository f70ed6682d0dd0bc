"""Administrators as the API shows and takes them, and fields that several endpoints take."""

from rest_framework import serializers

from accounts.models import Administrator

MANY_NETWORKS = 64


def networks_field() -> serializers.ListField:
    """Networks in CIDR notation; an empty list means anywhere."""
    return serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=MANY_NETWORKS, required=False
    )


def password_field() -> serializers.CharField:
    """A password as it was typed, blanks and all."""
    return serializers.CharField(max_length=256, trim_whitespace=False, write_only=True)


def optional_code_field(help_text: str) -> serializers.CharField:
    """A code, for those who have a second factor."""
    return serializers.CharField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        write_only=True,
        help_text=help_text,
    )


class AdministratorSerializer(serializers.ModelSerializer[Administrator]):
    two_factor = serializers.BooleanField(read_only=True)
    allowed_networks = networks_field()
    sessions = serializers.IntegerField(source="session_count", read_only=True)

    class Meta:
        model = Administrator
        fields: tuple[str, ...] = (
            "username",
            "full_name",
            "email",
            "role",
            "is_active",
            "two_factor",
            "allowed_networks",
            "must_change_password",
            "last_login",
            "sessions",
        )
        read_only_fields = ("must_change_password", "last_login")


class NewAdministratorSerializer(serializers.Serializer[None]):
    username = serializers.CharField(max_length=32)
    full_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=Administrator.Role.choices, required=False)
    allowed_networks = networks_field()


class ChangedAdministratorSerializer(serializers.Serializer[None]):
    full_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=Administrator.Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)
    allowed_networks = networks_field()


class OneTimePasswordSerializer(serializers.Serializer[None]):
    one_time_password = serializers.CharField(
        help_text="Shown this once; a new one is asked for at the next login."
    )


class CreatedAdministratorSerializer(AdministratorSerializer):
    one_time_password = serializers.CharField()

    class Meta(AdministratorSerializer.Meta):
        fields = (*AdministratorSerializer.Meta.fields, "one_time_password")
