"""What people do with their passkeys."""

from accounts.models import Passkey
from audit.actions import AuditAction as A
from tests.accounts.factories import PASSWORD
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey
from tests.accounts.passkeys.steps import add_passkey, log_in, proof, visitor
from tests.audit.registry.accounts import ANN, PROVED, verified_browser
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import ADDRESS, BROWSER, World
from tests.node_files import write_node_file

BOTH = {"verified": "password and passkey"}


def at_its_name(world: World) -> None:
    """The console is opened by a name to which passkeys can be bound."""
    write_node_file(world.use("node_file"), role="leader", fqdn=HOST)
    world.browser.defaults["HTTP_HOST"] = HOST


def added(world: World) -> tuple[SoftwarePasskey, list[str]]:
    """By the console's page; and the recovery codes that it shows."""
    at_its_name(world)
    passkey, answer = add_passkey(world.browser)
    return passkey, answer.context["codes"]


def inside(world: World) -> SoftwarePasskey:
    """Ann has logged in with her passkey."""
    passkey, _ = added(world)
    client = visitor()
    client.defaults |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER}
    log_in(client, passkey)
    vars(world)["browser"] = client
    return passkey


def key() -> tuple[str, str]:
    return ("passkey", Passkey.objects.get().public_id)


@row(A.PASSKEY_ADDED, "account/passkeys/new/ post")
def add(world: World) -> Expected:
    added(world)
    return Expected(key(), "bound_to")


@row(A.PASSKEY_RENAMED, "account/passkeys/<str:passkey_id>/rename/ post")
def rename(world: World) -> Expected:
    inside(world)
    world.page(f"/account/passkeys/{key()[1]}/rename/", name="Spare")
    return by(Expected(key(), "after before"), **BOTH)


@row(A.PASSKEY_RENAMED, "api/v1/account/passkeys/<str:passkey_id>/ patch")
def rename_by_api(world: World) -> Expected:
    added(world)
    world.api("patch", f"account/passkeys/{key()[1]}/", {"name": "Spare"})
    return Expected(key(), "after before")


@row(A.PASSKEY_REMOVED, "account/passkeys/<str:passkey_id>/remove/ post")
def remove(world: World) -> Expected:
    passkey, target = inside(world), key()
    path = f"/account/passkeys/{target[1]}/remove/"
    world.page(path, **proof(world.browser, path, passkey))
    return by(Expected(target, "two_factor"), **BOTH)


@row(A.PASSKEY_REMOVED, "api/v1/account/passkeys/<str:passkey_id>/ delete")
def remove_by_api(world: World) -> Expected:
    _, codes = added(world)
    target, given = key(), {"password": PASSWORD, "otp": codes[0]}
    world.api_of_login("delete", f"account/passkeys/{target[1]}/", given)
    return Expected(target, "two_factor")


@row(A.PASSKEY_REFUSED, "account/passkeys/new/ post")
def offer_wrong_passkey(world: World) -> Expected:
    at_its_name(world)
    add_passkey(world.browser, origin="https://evil.example")
    return Expected(ANN, "passkey reason", outcome="denied")


@row(A.TOTP_REMOVED, "account/two-factor/disable/ post")
def keep_passkeys_alone(world: World) -> Expected:
    at_its_name(world)
    verified_browser(world)
    passkey, _ = add_passkey(world.browser)
    path = "/account/two-factor/disable/"
    world.page(path, **proof(world.browser, path, passkey))
    return by(Expected(ANN), **PROVED)
