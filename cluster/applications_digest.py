"""Which applications somebody saw when they confirmed (S19)."""

import hashlib
import json
from collections.abc import Iterable

from nodes.models import Application, Node


def digest_of(node: Node, applications: Iterable[Application]) -> str:
    """Of what a removal takes: which applications there are, not how they are just now; a list
    that is not known yet is another one than an empty one.
    """
    listed = sorted((each.engine, each.name, each.role, each.domain) for each in applications)
    contact = getattr(node, "contact", None)
    is_known = bool(contact and contact.inventory_digest)
    content = json.dumps([node.pk, is_known, listed], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
