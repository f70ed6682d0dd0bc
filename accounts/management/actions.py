"""The actions of ``api-cli``, under the names and fields that administrators know (S53, S54)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from rest_framework import serializers

from accounts.errors import InvalidData, OnlyUserEnablesTwoFactor
from accounts.models import Administrator
from accounts.services import (
    change_administrator,
    create_administrator,
    delete_administrator,
    reset_password,
)
from accounts.services.passwords import disable_two_factor
from accounts.services.people import everybody, find_administrator
from audit.actor import Actor

Answer = dict[str, Any]


class Strict(serializers.Serializer[None]):
    """Refuses fields that it does not know: a misspelt one must not be passed over."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(
                {name: ["There is no such field."] for name in unknown}
            )
        return super().to_internal_value(data)


class Person(Strict):
    full_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    email = serializers.EmailField(allow_blank=True, required=False)
    role = serializers.ChoiceField(choices=Administrator.Role.choices, required=False)
    allowed_networks = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False
    )


class NewPerson(Person):
    password = serializers.CharField(max_length=256, trim_whitespace=False, required=False)


class ChangedPerson(NewPerson):
    is_active = serializers.BooleanField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "2fa": serializers.BooleanField(required=False)}


class Named(Strict):
    user = serializers.CharField(max_length=150)


class AddUser(Named):
    set = NewPerson(required=False)


class AlterUser(Named):
    set = ChangedPerson()


class Nothing(Strict):
    """No field at all."""


def list_users(data: Answer, *, actor: Actor) -> Answer:
    """Everybody."""
    return {"users": [_described(person) for person in everybody()]}


def get_user_info(data: Answer, *, actor: Actor) -> Answer:
    """One administrator."""
    return _described(find_administrator(data["user"]))


@transaction.atomic
def add_user(data: Answer, *, actor: Actor) -> Answer:
    """Make an account with a given or a drawn password, to be changed at the first login."""
    values = dict(data.get("set", {}))
    given = values.pop("password", None)
    made, drawn = create_administrator(actor=actor, username=data["user"], **values)
    if given is None:
        return {"user": made.username, "one_time_password": drawn}
    reset_password(made, actor=actor, password=given)
    return {"user": made.username}


@transaction.atomic
def alter_user(data: Answer, *, actor: Actor) -> Answer:
    """Change what is named in ``set``: password, second factor, and what the console shows."""
    person = find_administrator(data["user"])
    values = dict(data["set"])
    if not values:
        raise InvalidData(problem="set: there is nothing to change.")
    password, two_factor = values.pop("password", None), values.pop("2fa", None)
    if two_factor:
        raise OnlyUserEnablesTwoFactor()
    if values:
        change_administrator(person, actor=actor, **values)
    if password is not None:
        disables = two_factor is False
        reset_password(person, actor=actor, password=password, disable_two_factor=disables)
    elif two_factor is False:
        disable_two_factor(person, actor=actor)
    return {"user": person.username}


def remove_user(data: Answer, *, actor: Actor) -> Answer:
    """Delete an account."""
    delete_administrator(find_administrator(data["user"]), actor=actor)
    return {"user": data["user"]}


def _described(person: Administrator) -> Answer:
    return {
        "user": person.username,
        "full_name": person.full_name,
        "email": person.email,
        "role": person.role,
        "is_active": person.is_active,
        "2fa": person.two_factor,
        "allowed_networks": person.allowed_networks,
        "last_login": person.last_login.isoformat() if person.last_login else None,
    }


Actions = Mapping[str, tuple[type[Strict], Callable[..., Any]]]
ACTIONS: Actions = {
    "add-user": (AddUser, add_user),
    "alter-user": (AlterUser, alter_user),
    "remove-user": (Named, remove_user),
    "list-users": (Nothing, list_users),
    "get-user-info": (Named, get_user_info),
}


def run(action: str, data: object, *, actor: Actor, actions: Actions = ACTIONS) -> Any:
    """Check ``data`` and do it; any DomainError, such as ``InvalidData``, changes nothing."""
    shape, act = actions[action]
    given = shape(data=data)
    if not given.is_valid():
        raise InvalidData(problem=_first_problem(given.errors))
    return act(given.validated_data, actor=actor)


def _first_problem(errors: Any, path: str = "") -> str:
    """``set.password: This field may not be blank.``"""
    if isinstance(errors, dict):
        name, below = next(iter(errors.items()))
        return _first_problem(below, f"{path}.{name}" if path else str(name))
    return f"{path}: {errors[0]}".removeprefix("non_field_errors: ")
