"""By which names browsers open this cluster's consoles: passkeys are bound to them."""

from accounts.webauthn.names import Names
from nodes.models import Node
from nodes.role import current


def names_of_consoles() -> Names:
    """This node's name, and those of all members: each of them may come to lead."""
    own = current().fqdn
    members = Node.objects.members().values_list("fqdn", flat=True)
    return Names(own=own, every=frozenset({own, *members}))
