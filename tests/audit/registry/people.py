"""What administrators do with other administrators, and with the rules for all."""

from audit.actions import AuditAction as A
from tests.accounts.factories import enable_totp, make_administrator
from tests.audit.registry.accounts import PROVED, verified_browser
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import World

BOB = ("administrator", "bob")
BEFORE_AND_AFTER = "after before"
PERSON = "allowed_networks email full_name is_active role"


@row(A.ADMINISTRATOR_CREATED, "settings/create-administrator/ post")
def create_administrator(world: World) -> Expected:
    world.page("/settings/create-administrator/", username="bob", role="administrator")
    return Expected(BOB, PERSON)


@row(A.ADMINISTRATOR_CREATED, "api/v1/administrators/ post")
def create_administrator_by_api(world: World) -> Expected:
    world.api("post", "administrators/", {"username": "bob"})
    return Expected(BOB, PERSON)


@row(A.ADMINISTRATOR_CREATED, "api-cli add-user")
def add_user(world: World) -> Expected:
    world.api_cli("add-user", user="bob")
    return Expected(BOB, PERSON)


@row(A.ADMINISTRATOR_CHANGED, "settings/administrators/<str:username>/ post")
def change_administrator(world: World) -> Expected:
    make_administrator("bob")
    typed = {"full_name": "Bob", "role": "administrator", "is_active": "on"}
    world.page("/settings/administrators/bob/", **typed)
    return Expected(BOB, BEFORE_AND_AFTER)


@row(A.ADMINISTRATOR_CHANGED, "api/v1/administrators/<str:username>/ patch")
def change_administrator_by_api(world: World) -> Expected:
    make_administrator("bob")
    world.api("patch", "administrators/bob/", {"role": "auditor"})
    return Expected(BOB, BEFORE_AND_AFTER)


@row(A.ADMINISTRATOR_CHANGED, "account/language/ post")
def choose_a_language(world: World) -> Expected:
    world.page("/account/language/", language="it")
    return Expected(("administrator", "ann"), BEFORE_AND_AFTER)


@row(A.ADMINISTRATOR_CHANGED, "api/v1/account/ patch")
def choose_a_language_by_api(world: World) -> Expected:
    world.api("patch", "account/", {"language": "it"})
    return Expected(("administrator", "ann"), BEFORE_AND_AFTER)


@row(A.ADMINISTRATOR_CHANGED, "api-cli alter-user")
def alter_user(world: World) -> Expected:
    assert world.ann
    make_administrator("bob")
    world.api_cli("alter-user", user="bob", set={"role": "auditor"})
    return Expected(BOB, BEFORE_AND_AFTER)


@row(A.ADMINISTRATOR_CHANGED, "command alter_user")
def alter_user_by_command(world: World) -> Expected:
    make_administrator("bob")
    world.command("alter_user", "--data", '{"user":"bob","set":{"email":"b@example.org"}}')
    return Expected(BOB, BEFORE_AND_AFTER)


@row(A.ADMINISTRATOR_DELETED, "settings/administrators/<str:username>/delete/ post")
def delete_administrator(world: World) -> Expected:
    make_administrator("bob")
    world.page("/settings/administrators/bob/delete/", confirmation="bob")
    return Expected(BOB, PERSON)


@row(A.ADMINISTRATOR_DELETED, "api/v1/administrators/<str:username>/ delete")
def delete_administrator_by_api(world: World) -> Expected:
    make_administrator("bob")
    world.api("delete", "administrators/bob/")
    return Expected(BOB, PERSON)


@row(A.ADMINISTRATOR_DELETED, "api-cli remove-user")
def remove_user(world: World) -> Expected:
    assert world.ann
    make_administrator("bob")
    world.api_cli("remove-user", user="bob")
    return Expected(BOB, PERSON)


@row(A.PASSWORD_RESET, "settings/administrators/<str:username>/reset-password/ post")
def reset_password(world: World) -> Expected:
    make_administrator("bob")
    world.page("/settings/administrators/bob/reset-password/")
    return Expected(BOB, "two_factor_disabled")


@row(A.PASSWORD_RESET, "api/v1/administrators/<str:username>/password/ post")
def reset_password_by_api(world: World) -> Expected:
    make_administrator("bob")
    world.api("post", "administrators/bob/password/")
    return Expected(BOB, "two_factor_disabled")


@row(A.PASSWORD_RESET, "command reset_password")
def reset_password_by_command(world: World) -> Expected:
    """S53."""
    make_administrator("bob")
    world.command("reset_password", "bob")
    return Expected(BOB, "two_factor_disabled")


@row(A.PASSWORD_RESET, "api-cli alter-user")
def reset_password_by_api_cli(world: World) -> Expected:
    """S53."""
    make_administrator("bob")
    world.api_cli("alter-user", user="bob", set={"password": "Nethesis,1234", "2fa": False})
    return Expected(BOB, "two_factor_disabled")


@row(A.TOTP_DISABLED, "api-cli alter-user")
def disable_second_factor(world: World) -> Expected:
    """S54."""
    enable_totp(make_administrator("bob"))
    world.api_cli("alter-user", user="bob", set={"2fa": False})
    return Expected(BOB)


RULE = ("policy", "administrators")


@row(A.ACCESS_POLICY_CHANGED, "settings/access-policy/ post")
def change_policy(world: World) -> Expected:
    verified_browser(world)
    world.page("/settings/access-policy/", second_factor_required="on")
    return by(Expected(RULE, BEFORE_AND_AFTER), **PROVED)


@row(A.ACCESS_POLICY_CHANGED, "api/v1/access-policy/ patch")
def change_policy_by_api(world: World) -> Expected:
    world.with_second_factor()
    world.api("patch", "access-policy/", {"second_factor_required": True})
    return Expected(RULE, BEFORE_AND_AFTER)
