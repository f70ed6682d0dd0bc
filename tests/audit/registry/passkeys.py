"""What people do with their passkeys."""

from accounts.models import Passkey
from audit.actions import AuditAction as A
from tests.accounts.passkeys.software_passkey import HOST
from tests.accounts.passkeys.steps import add_passkey
from tests.audit.registry.rows import Expected, row
from tests.audit.registry.world import World
from tests.node_files import write_node_file


def added(world: World) -> tuple[str, str]:
    """By the console's page, as somebody finds it under its name."""
    write_node_file(world.use("node_file"), role="leader", fqdn=HOST)
    world.browser.defaults["HTTP_HOST"] = HOST
    add_passkey(world.browser, origin=f"https://{HOST}")
    return ("passkey", Passkey.objects.get().public_id)


@row(A.PASSKEY_ADDED, "account/passkeys/new/ post")
def add(world: World) -> Expected:
    return Expected(added(world), "bound_to")
